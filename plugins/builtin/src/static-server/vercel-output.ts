import { readFile } from "node:fs/promises";
import { FairwayError, messageOf } from "@fairway/core";

/** One rule of a `.vercel/output/config.json` (vercel.com/docs/build-output-api/configuration, version 3). */
export interface OutputRoute {
  readonly source: RegExp;
  readonly destination: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number | null;
  readonly goesOn: boolean;
  readonly methods: readonly string[] | null;
}

/** The rules by the phase in which they count. */
export interface OutputConfig {
  readonly before: readonly OutputRoute[];
  /** When no file is there. */
  readonly after: readonly OutputRoute[];
  /** When nothing is found at all. */
  readonly error: readonly OutputRoute[];
  /** By file: the path it is served under, and its type. */
  readonly overrides: Readonly<Record<string, { readonly path?: string; readonly contentType?: string }>>;
}

interface WrittenRoute {
  readonly src?: string;
  readonly dest?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly continue?: boolean;
  readonly methods?: readonly string[];
  readonly handle?: string;
  readonly caseSensitive?: boolean;
}

const known = new Set([
  "src",
  "dest",
  "headers",
  "status",
  "continue",
  "methods",
  "check",
  "caseSensitive",
  "important",
]);

/**
 * Reads the file; null when it is not there or is some other `config.json`. Throws `config_invalid` for what cannot be kept.
 */
export async function readOutputConfig(path: string): Promise<OutputConfig | null> {
  const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });
  if (text === null) return null;
  const written = parsed(text);
  if (written?.version !== 3) return null;
  const phases = { before: [] as OutputRoute[], after: [] as OutputRoute[], error: [] as OutputRoute[] };
  let phase: keyof typeof phases = "before";
  for (const [index, route] of (written.routes ?? []).entries()) {
    if (route.handle === undefined) phases[phase].push(routeOf(route, `${path}: routes[${index}]`));
    else phase = route.handle === "error" ? "error" : "after";
  }
  return { ...phases, overrides: written.overrides ?? {} };
}

interface WrittenConfig {
  readonly version?: unknown;
  readonly routes?: readonly WrittenRoute[];
  readonly overrides?: OutputConfig["overrides"];
}

/** A bundle may have a `config.json` of its own, which is then only a file. */
function parsed(text: string): WrittenConfig | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null; // No JSON, so no configuration of Vercel's.
  }
}

function routeOf(route: WrittenRoute, at: string): OutputRoute {
  const strange = Object.keys(route).filter((key) => !known.has(key));
  if (strange.length > 0)
    throw new FairwayError("config_invalid", `${at} asks for ${strange.join(", ")}, which needs Vercel`, {
      hint: "Only files, redirects and headers can be served here.",
    });
  try {
    return {
      source: new RegExp(route.src ?? "^", route.caseSensitive === true ? "u" : "iu"),
      destination: route.dest ?? null,
      headers: route.headers ?? {},
      status: route.status ?? null,
      goesOn: route.continue ?? false,
      methods: route.methods ?? null,
    };
  } catch (thrown) {
    throw new FairwayError("config_invalid", `${at}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
