import type { Millis } from "../units.ts";

/** A time that a schedule has come due at, and how many before it went by without a run. */
export interface DueSlot {
  readonly slot: Date;
  readonly missed: number;
}

/** Beyond that nobody counts. */
const mostCounted = 1000;

/** Where a schedule stands after a look at the clock. */
export interface ScheduleLook {
  /** What is to run now; null when nothing is, or when a run that was missed is not to be made up for. */
  readonly due: DueSlot | null;
  /** The newest time that has been dealt with: the next look begins after it. */
  readonly settled: Date;
}

/**
 * Looks which times of a schedule have passed since the last that was dealt with. However many were missed, at most one
 * is run, the newest. A clock that went back finds nothing until it is past what was dealt with again. `next` gives the
 * first time after another, null when there is none.
 */
export function scheduleLook(
  settled: Date,
  now: Date,
  next: (after: Date) => Date | null,
  { catchUp, onTimeWithin }: { readonly catchUp: boolean; readonly onTimeWithin: Millis },
): ScheduleLook {
  let passed = 0;
  let newest: Date | null = null;
  for (let at = next(settled); at !== null && at <= now; at = next(at)) {
    passed += 1;
    newest = at;
    // After years of a schedule of minutes the last one is found from the other end.
    if (passed >= mostCounted) {
      newest = lastBefore(now, at, next);
      break;
    }
  }
  if (newest === null) return { due: null, settled };
  const isLate = now.getTime() - newest.getTime() > onTimeWithin;
  return { due: isLate && !catchUp ? null : { slot: newest, missed: passed - 1 }, settled: newest };
}

/** The last time of a schedule that is not after `now`, given one that is not either. */
function lastBefore(now: Date, known: Date, next: (after: Date) => Date | null): Date {
  const step = 60_000;
  for (let back = step; ; back *= 2) {
    const from = new Date(Math.max(known.getTime(), now.getTime() - back));
    let found: Date | null = null;
    for (let at = next(from); at !== null && at <= now; at = next(at)) found = at;
    if (found !== null) return found;
    if (from.getTime() === known.getTime()) return known;
  }
}
