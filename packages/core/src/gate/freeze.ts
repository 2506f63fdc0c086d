import type { Millis, Timestamp } from "../units.ts";

/** A freeze that happens once. */
export interface SingleFreeze {
  readonly because: string;
  readonly from: Timestamp;
  /** The first moment at which it may change again. */
  readonly to: Timestamp;
}

/** A freeze that comes again and again. */
export interface RepeatedFreeze {
  readonly because: string;
  /** A recurrence rule of RFC 5545, such as `FREQ=WEEKLY;BYDAY=FR`. */
  readonly repeats: string;
  /** The first time, as clocks there show it: `2026-01-02T15:00`. */
  readonly starts: string;
  readonly lasts: Millis;
  /** IANA. */
  readonly timeZone: string;
}

/** When an environment does not change, but for a way back. */
export type FreezeWindow = SingleFreeze | RepeatedFreeze;

/** What holds an environment still now, and when it is over, as far as is known today. */
export interface Freeze {
  readonly because: string;
  readonly until: Timestamp;
}

/** A person's word that a deployment goes through a freeze all the same. */
export interface FreezeOverride {
  /** Of the person, or their name where nobody logs in. */
  readonly person: string;
  readonly by: string;
  readonly because: string;
  readonly at: Timestamp;
}

/** How many must want it before a freeze is gone through. */
export const overridesNeeded = 2;

/** Whether enough different people want to go through the freeze. */
export const isOverridden = (overrides: readonly Pick<FreezeOverride, "person">[]): boolean =>
  new Set(overrides.map(({ person }) => person)).size >= overridesNeeded;

/** What both releases say: a window is there until the release that takes it away has come. */
export function bothWindows(
  running: readonly FreezeWindow[] | undefined,
  coming: readonly FreezeWindow[] | undefined,
): readonly FreezeWindow[] {
  const all = new Map([...(running ?? []), ...(coming ?? [])].map((window) => [JSON.stringify(window), window]));
  return [...all.values()];
}
