import type { Millis } from "@fairway/core";

/** When whoever asks now has their turn, and when the one after could have theirs at the earliest. */
export interface Turn {
  readonly wait: Millis;
  readonly free: Millis;
}

/**
 * Gives turns so that there are no more than so many a second, of which a second's worth may come at once after a time without
 * any. @param free What the turn before left; 0 at first.
 */
export function nextTurn(free: Millis, now: Millis, perSecond: number): Turn {
  const next = Math.max(free, now - 1_000) + 1_000 / perSecond;
  return { wait: Math.max(0, next - now), free: next };
}
