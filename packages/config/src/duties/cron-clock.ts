import type { CronClock } from "@fairway/core";
import { Cron } from "croner";

const known = new Map<string, Cron>();

function parsed(cron: string): Cron {
  const found = known.get(cron) ?? new Cron(cron, { timezone: "UTC", mode: "5-part" });
  known.set(cron, found);
  return found;
}

/** Schedules of five fields, in UTC whatever the machine's clock says. Throws for what is no schedule. */
export const cronClock: CronClock = {
  before: (cron, at) =>
    parsed(cron)
      .previousRuns(1, new Date(at + 1000))[0]
      ?.getTime() ?? null,
  after: (cron, at) => parsed(cron).nextRun(new Date(at))?.getTime() ?? null,
};
