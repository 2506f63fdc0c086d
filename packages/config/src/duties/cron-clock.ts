import type { CronClock } from "@fairway/core";
import { Cron } from "croner";

interface Known {
  readonly schedule: Cron;
  /** The time after each that was asked about. */
  readonly after: Map<number, number | null>;
}

const known = new Map<string, Known>();
/** Of one schedule: some years of nights. */
const mostKnown = 5_000;

function parsed(cron: string): Known {
  const found = known.get(cron) ?? { schedule: new Cron(cron, { timezone: "UTC", mode: "5-part" }), after: new Map() };
  known.set(cron, found);
  return found;
}

/**
 * Schedules of five fields, in UTC whatever the machine's clock says. Throws for what is no schedule. Looking for the next time
 * takes a quarter of a millisecond, and hundreds of duties share a few schedules, so answers are remembered.
 */
export const cronClock: CronClock = {
  before: (cron, at) =>
    parsed(cron)
      .schedule.previousRuns(1, new Date(at + 1000))[0]
      ?.getTime() ?? null,
  after: (cron, at) => {
    const { schedule, after } = parsed(cron);
    const minute = Math.floor(at / 60_000);
    const remembered = after.get(minute);
    if (remembered !== undefined) return remembered;
    // Times are whole minutes: within one there is no other.
    const next = schedule.nextRun(new Date(minute * 60_000))?.getTime() ?? null;
    if (after.size >= mostKnown) after.clear();
    after.set(minute, next);
    return next;
  },
};
