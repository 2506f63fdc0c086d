import { textOfBytes } from "@fairway/core";
import { textOfMillis } from "./duration.ts";
import type { Origin, Setting } from "./ledger.ts";
import type { LoadedProject } from "./load.ts";
import { textOfPath } from "./path.ts";
import type { Place } from "./places.ts";
import { nearestName } from "./problems.ts";

/** One value of the configuration as it counts, and why it is what it is. */
export interface ExplainedSetting {
  readonly key: string;
  readonly value: unknown;
  readonly from: Origin["from"];
  /** `fairway.yaml:12:7`, where it was written; null for a default. */
  readonly writtenAt: (Place & { readonly file: string; readonly path: string }) | null;
  /** The environment it is inherited from, when it is. */
  readonly inheritedFrom: string | null;
  /** What was made of it since it was written; null for most. */
  readonly made: string | null;
}

/** The values at or under a key, or why there are none. */
export type Explanation =
  | { readonly known: true; readonly settings: readonly ExplainedSetting[] }
  | { readonly known: false; readonly message: string; readonly fix: string };

/** Says what a key of the configuration is and where that came from; for an object, all that is in it. */
export function explain(loaded: LoadedProject, key: string): Explanation {
  const all = [...loaded.settings.values()].filter(({ value }) => value !== undefined);
  const matching = all.filter((setting) => isAtOrUnder(setting.key, key));
  if (matching.length > 0) return { known: true, settings: matching.map((setting) => explained(loaded, setting)) };
  return { known: false, message: `there is no "${key}" in ${loaded.file}`, fix: suggestion(key, all) };
}

/** A line for a terminal: `services.api.replicas = 3   fairway.yaml:4:15`. */
export function formatExplanation({ key, value, from, writtenAt, inheritedFrom, made }: ExplainedSetting): string {
  const where = writtenAt === null ? "default" : `${writtenAt.file}:${writtenAt.line}:${writtenAt.column}`;
  return `${key} = ${valueText(key, value)}   ${where}${originText(from, inheritedFrom, writtenAt?.path ?? "")}${made === null ? "" : `, ${made}`}`;
}

const isAtOrUnder = (setting: string, key: string): boolean =>
  key === "" || setting === key || setting.startsWith(`${key}.`) || setting.startsWith(`${key}[`);

function explained(loaded: LoadedProject, { key, value, origin, made }: Setting): ExplainedSetting {
  const writtenAt =
    origin.from === "default"
      ? null
      : { file: loaded.file, ...loaded.places.find(origin.path, "value"), path: textOfPath(origin.path) };
  return {
    key,
    value,
    from: origin.from,
    writtenAt,
    inheritedFrom: origin.from === "inherited" ? origin.environment : null,
    made: made ?? null,
  };
}

function originText(from: Origin["from"], inheritedFrom: string | null, path: string): string {
  switch (from) {
    case "inherited":
      return `, inherited from ${inheritedFrom}`;
    case "service":
      return `, from ${path}`;
    case "written":
    case "default":
      return "";
  }
}

const timeKeys =
  /\.(?:timeout|interval|startWithin|drain|grace|deadline|answerWithin|migrations\.(?:lockTimeout|statementTimeout|bake))$/u;
const sizeKeys = /\.(?:limits\.memory|requests\.(?:bodyBytes|headBytes))$/u;

function valueText(key: string, value: unknown): string {
  if (typeof value !== "number") return JSON.stringify(value);
  if (timeKeys.test(key)) return textOfMillis(value);
  return sizeKeys.test(key) ? textOfBytes(value) : String(value);
}

/** What was probably meant: a key that is spelled alike, or one that ends the same. */
function suggestion(key: string, settings: readonly Setting[]): string {
  const known = new Set<string>();
  for (const setting of settings) {
    const parts = setting.key.split(".");
    for (let length = 1; length <= parts.length; length++) known.add(parts.slice(0, length).join("."));
  }
  const nearest = nearestName(key, [...known]) ?? [...known].find((one) => one.endsWith(`.${key}`));
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  const deepest = key.split(".").slice(0, -1).join(".");
  const beside = [...known].filter((one) => one !== deepest && one.startsWith(deepest === "" ? "" : `${deepest}.`));
  const level = deepest === "" ? 1 : deepest.split(".").length + 1;
  const here = beside.filter((one) => one.split(".").length === level);
  return here.length > 0 ? `known here: ${here.join(", ")}` : `begin with one of: name, services, environments`;
}
