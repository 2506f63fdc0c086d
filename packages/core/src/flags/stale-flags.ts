import type { Timestamp } from "../units.ts";
import { servingOf } from "./flag-rollout.ts";
import type { FlagDefinition } from "./flag-set.ts";

/** How a flag stood from a time on. */
export interface FlagPast {
  readonly at: Timestamp;
  /** Null while it was not there. */
  readonly definition: FlagDefinition | null;
}

/** Why a flag can go: since when it has given the same to everybody. */
export interface Staleness {
  /** Null: the default in the code. */
  readonly variant: string | null;
  readonly since: Timestamp;
  readonly days: number;
}

/** What a flag's `metadata.permanent` says: it is a switch that stays, and never stale. */
export const isPermanent = ({ metadata }: FlagDefinition): boolean => metadata?.["permanent"] === true;

export const usualStaleDays = 30;
const day = 24 * 60 * 60 * 1000;

/**
 * Whether a flag has given one thing to everybody for so many days that the question can go from the code. Changes that
 * left that as it was, of a description say, do not make it younger. `past` is its record, the oldest first.
 */
export function stalenessOf(past: readonly FlagPast[], now: number, days: number = usualStaleDays): Staleness | null {
  const last = past.at(-1);
  if (!last?.definition || isPermanent(last.definition)) return null;
  const given = constantOf(last.definition);
  if (given === undefined) return null;
  const younger = past.findLastIndex(({ definition }) => definition === null || constantOf(definition) !== given);
  const since = past[younger + 1]?.at ?? last.at;
  const age = Math.floor((now - Date.parse(since)) / day);
  return age >= days ? { variant: given, since, days: age } : null;
}

/** The variant that everybody gets, null for the default in the code, and undefined when it depends on who asks. */
function constantOf(flag: FlagDefinition): string | null | undefined {
  const serving = servingOf(flag);
  switch (serving.gives) {
    case "code-default":
      return null;
    case "one":
      return serving.variant;
    case "split":
    case "by-rule":
      return undefined;
  }
}
