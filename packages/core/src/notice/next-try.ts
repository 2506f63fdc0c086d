import type { Millis } from "../units.ts";

/** After so many tries a notice is given up, and a person is told. */
export const mostTries = 20;
const longest: Millis = 60 * 60_000;

/** After so many tries an alert goes to the next channel, while the first is still tried. */
export const triesOfAlert = 3;

/**
 * How long to wait after the `tries`th try failed, or null when it was the last: doubling from two seconds, an hour at the
 * most, and never sooner than the place asked for. `chance` between 0 and 1 spreads those that failed together.
 */
export function nextTryIn(tries: number, retryAfter: Millis | null, chance: number): Millis | null {
  if (tries >= mostTries) return null;
  const doubled = Math.min(longest, 1_000 * 2 ** tries);
  return Math.max(retryAfter ?? 0, Math.round(doubled * (0.5 + chance / 2)));
}
