import type { Millis, ScheduleLook } from "@fairway/core";
import { scheduleLook } from "@fairway/core";
import { Cron } from "croner";

/** A time table, as cron and a time zone give it. */
export interface Schedule {
  readonly cron: string;
  readonly timezone: string;
  readonly catchUp: boolean;
}

/** A run that begins within it is on time. */
const onTimeWithin: Millis = 90_000;

/** The first time of a schedule after another; null when there is none. */
export const nextSlot = ({ cron, timezone }: Pick<Schedule, "cron" | "timezone">, after: Date): Date | null =>
  new Cron(cron, { mode: "5-part", timezone }).nextRun(after);

/** Which times of a schedule have passed since the last that was dealt with; at most one is run. */
export function dueAt(schedule: Schedule, settled: Date, now: Date): ScheduleLook {
  const cron = new Cron(schedule.cron, { mode: "5-part", timezone: schedule.timezone });
  return scheduleLook(settled, now, (after) => cron.nextRun(after), { catchUp: schedule.catchUp, onTimeWithin });
}

/** How a schedule is known in the database: another time table begins anew. */
export const scheduleKey = ({ cron, timezone }: Pick<Schedule, "cron" | "timezone">): string => `${cron} ${timezone}`;
