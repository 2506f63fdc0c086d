import type { CronClock, DutyStanding } from "./duty-standing.ts";
import { dayAfter, dayOf, timesUntil } from "./period.ts";

/**
 * The time of its calendar for which a duty is now to be shown by itself, null where there is none: the newest that has come,
 * however many went by while nobody looked, so that one run catches up. `since`: the day from which it is owed.
 */
export function scheduledSlot(
  { duty: { cadence, run }, state, dueAt, newest }: DutyStanding,
  since: string,
  now: number,
  clock: CronClock,
): string | null {
  if (run === undefined || !run.scheduled) return null;
  // Half an exchange is not gone on with by a program that has failed at it: a person looks first, and begins it.
  if (run.kind === "rotation" && state === "failing") return null;
  const today = dayOf(now);
  const shown = newest?.outcome === "passed" ? newest.observedAt : "";
  switch (cadence.kind) {
    case "cron": {
      const at = clock.before(cadence.cron, now);
      const slot = at === null ? null : new Date(at).toISOString();
      return slot === null || slot < cadence.from || slot < since || shown >= slot ? null : slot;
    }
    case "anchored": {
      const times = timesUntil(cadence.from, cadence.every, today);
      const slot = dayAfter(cadence.from, cadence.every, Math.max(0, times));
      return times < 0 || slot < since || shown.slice(0, 10) >= slot ? null : slot;
    }
    case "rolling":
      // What failed is looked at again the next day.
      if (state === "failing")
        return newest?.outcome === "failed" && newest.observedAt.slice(0, 10) < today ? today : null;
      return dueAt !== null && dueAt.slice(0, 10) <= today ? today : null;
    case "release":
    case "standing":
    case "until":
      return null;
  }
}
