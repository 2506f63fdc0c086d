import type { Millis } from "../units.ts";

/** Looks at documents: their form, and where their links lead. */
export interface DocsRun {
  readonly kind: "docs";
  /** Patterns of Markdown files. */
  readonly paths: readonly string[];
  /** Whether links out of the repository are followed. */
  readonly external: boolean;
}

/** Sends webhooks as Stripe does, and reads what came of them. */
export interface ReplayRun {
  readonly kind: "replay";
  readonly url: string;
  /** The secret that they are signed with. */
  readonly secret: string;
  /** Files of events, as patterns. */
  readonly events: readonly string[];
  /**
   * Where it is told how often an event had its effect: a JSON answer, and where in it the number is. `{{event}}` stands for
   * the event's id.
   */
  readonly effects: { readonly url: string; readonly value: string };
  readonly timeout: Millis;
}

/** Reads a figure that says whether a text does what it is for. */
export interface KpiRun {
  readonly kind: "kpi";
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The secret that `{{secret}}` stands for; null where none is needed. */
  readonly secret: string | null;
  /** Where in the JSON answer it is, as a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901. */
  readonly value: string;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly timeout: Millis;
}

/** What Fairway writes by itself: the summary of the operations log, or the packet for those who begin. */
export interface WritingRun {
  readonly kind: "summary" | "packet";
}

/** What shows a duty by itself of texts, incidents and figures. */
export type ContentRun = DocsRun | ReplayRun | KpiRun | WritingRun;

/** Something that users learn from, with the figure that says whether they do. */
export interface EducationAsset {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  /** Where it is: a file of the repository or an address. */
  readonly at: string;
  /** Null where nobody has said how it is measured: then it is unmeasured, and never well. */
  readonly kpi: { readonly name: string; readonly atLeast: number | null; readonly atMost: number | null } | null;
}

/** How a figure stands. What nobody has measured is never well. */
export type KpiState = "unmeasured" | "met" | "missed";

/** How a figure stands against what it should be. `value`: null where there is none. */
export function kpiState(
  { atLeast, atMost }: { readonly atLeast: number | null; readonly atMost: number | null },
  value: number | null,
): KpiState {
  if (value === null || !Number.isFinite(value)) return "unmeasured";
  return (atLeast !== null && value < atLeast) || (atMost !== null && value > atMost) ? "missed" : "met";
}

/**
 * Why a word does not show that users learn from an asset: it has no figure that says so, the word brings none, or a bad one.
 * Null where it does, and for every other duty. `facts`: what the word brings; the figure is called `value`.
 */
export function figureObstacle(
  assets: readonly EducationAsset[],
  duty: string,
  facts: Readonly<Record<string, unknown>>,
): string | null {
  const asset = assets.find(({ id }) => duty === `education:${id}`);
  if (asset === undefined) return null;
  const { kpi, id } = asset;
  if (kpi === null) return `nobody has said how ${id} is measured, and what is unmeasured is never well`;
  const { value } = facts;
  const state = kpiState(kpi, typeof value === "number" ? value : null);
  if (state === "unmeasured") return `${kpi.name} is unmeasured, which is never well`;
  return state === "met" ? null : `${kpi.name} is ${String(value)}, and should be ${goalOf(kpi)}`;
}

/** A goal in words: `at least 0.4`. */
export const goalOf = ({ atLeast, atMost }: NonNullable<EducationAsset["kpi"]>): string =>
  [...(atLeast === null ? [] : [`at least ${atLeast}`]), ...(atMost === null ? [] : [`at most ${atMost}`])].join(
    " and ",
  );

/** What stands at a JSON pointer; undefined where nothing does. */
export function atPointer(value: unknown, pointer: string): unknown {
  if (pointer === "") return value;
  if (!pointer.startsWith("/")) return undefined;
  let at = value;
  for (const part of pointer.slice(1).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

/** A number as a figure is written: a number, or a text that is nothing else. Null for anything else. */
export function figureOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !/^-?\d+(?:\.\d+)?$/u.test(value.trim())) return null;
  return Number(value);
}
