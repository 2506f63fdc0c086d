import { readFileSync } from "node:fs";
import { FairwayError } from "@fairway/core";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";

/** One request of a journey, what is expected of its answer, and what is taken from it for later ones. */
export interface JourneyStep {
  readonly name?: string | undefined;
  readonly get?: string | undefined;
  readonly post?: string | undefined;
  readonly put?: string | undefined;
  readonly patch?: string | undefined;
  readonly delete?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** How many are followed; 10 when left out. */
  readonly redirects?: number | undefined;
  readonly expect?:
    | {
        readonly status?: number | readonly number[] | undefined;
        readonly contains?: string | readonly string[] | undefined;
        readonly matches?: string | undefined;
        readonly headers?: Readonly<Record<string, string>> | undefined;
        /** Values by their place: `items.0.id`. */
        readonly json?: Readonly<Record<string, string | number | boolean | null>> | undefined;
        readonly within?: string | number | undefined;
      }
    | undefined;
  /** `json: items.0.id`, `header: location` or `/pattern/`, by the variable that it becomes. */
  readonly save?: Readonly<Record<string, string>> | undefined;
}

/** A journey over HTTP. */
export interface JourneyFile {
  readonly name?: string | undefined;
  readonly steps: readonly JourneyStep[];
}

const text = z.string();
const plain = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const span = z.union([
  z.number().positive(),
  z.string().regex(/^\d+(?:\.\d+)?(?:ms|s|m)$/u, { error: 'must be a span of time such as "500ms" or "2s"' }),
]);

const step: z.ZodType<JourneyStep> = z.strictObject({
  name: text.optional(),
  get: text.optional(),
  post: text.optional(),
  put: text.optional(),
  patch: text.optional(),
  delete: text.optional(),
  headers: z.record(text, text).optional(),
  json: z.unknown().optional(),
  form: z.record(text, text).optional(),
  body: text.optional(),
  redirects: z.number().int().min(0).max(10).optional(),
  expect: z
    .strictObject({
      status: z.union([z.number().int(), z.array(z.number().int())]).optional(),
      contains: z.union([text, z.array(text)]).optional(),
      matches: text.optional(),
      headers: z.record(text, text).optional(),
      json: z.record(text, plain).optional(),
      within: span.optional(),
    })
    .optional(),
  save: z.record(z.string().regex(/^[A-Za-z_]\w*$/u, { error: "must be the name of a variable" }), text).optional(),
});

const journey: z.ZodType<JourneyFile> = z.strictObject({
  name: text.optional(),
  steps: z.array(step).min(1, { error: "must have at least one step" }),
});

const methods = ["get", "post", "put", "patch", "delete"] as const;

/** What a step asks. */
export const askedBy = (
  one: JourneyStep,
): { readonly method: Uppercase<(typeof methods)[number]>; readonly url: string } | null => {
  const given = methods.filter((method) => one[method] !== undefined);
  const [method] = given;
  return given.length === 1 && method !== undefined
    ? { method: method.toUpperCase() as Uppercase<typeof method>, url: one[method] ?? "" }
    : null;
};

/** Reads a journey, YAML or JSON. Throws `bad_request` with file, line and column of what is wrong. */
export function readJourney(file: string): JourneyFile {
  let written: string;
  try {
    written = readFileSync(file, "utf8");
  } catch {
    throw new FairwayError("bad_request", `there is no file ${file}`);
  }
  const lines = new LineCounter();
  const document = parseDocument(written, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new FairwayError("bad_request", `${at(broken.pos[0])}: ${broken.message.split("\n")[0] ?? "it is no YAML"}`);
  const placeOf = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length) as string[], true) as
        | { readonly range?: readonly number[] }
        | undefined;
      if (node?.range?.[0] !== undefined) return at(node.range[0]);
    }
    return at(0);
  };
  const parsed = journey.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    const key = path.length === 0 ? "" : `${path.map(String).join(".")}: `;
    throw new FairwayError("bad_request", `${placeOf(path)}: ${key}${issue?.message ?? "it is no journey"}`, {
      hint: "a journey is { name, steps: [{ name, get: /path, expect: { status: 200 } }] }",
    });
  }
  parsed.data.steps.forEach((one, index) => {
    if (askedBy(one) === null)
      throw new FairwayError(
        "bad_request",
        `${placeOf(["steps", index])}: a step asks one thing: one of ${methods.join(", ")}`,
      );
    if ([one.json, one.form, one.body].filter((each) => each !== undefined).length > 1)
      throw new FairwayError("bad_request", `${placeOf(["steps", index])}: a step sends one thing: json, form or body`);
    if (one.expect?.matches !== undefined)
      assertPattern(one.expect.matches, placeOf(["steps", index, "expect", "matches"]));
  });
  return parsed.data;
}

function assertPattern(pattern: string, place: string): void {
  try {
    new RegExp(pattern, "u");
  } catch (thrown) {
    throw new FairwayError("bad_request", `${place}: it is no regular expression: ${(thrown as Error).message}`);
  }
}

/** `2s` in milliseconds. */
export function spanOf(written: string | number): number {
  if (typeof written === "number") return written;
  const [, number = "0", unit = "ms"] = /^([\d.]+)(ms|s|m)$/u.exec(written) ?? [];
  return Number(number) * { ms: 1, s: 1_000, m: 60_000 }[unit as "ms" | "s" | "m"];
}
