import type { DutyStanding } from "./duty-standing.ts";
import { dayOf } from "./period.ts";

/** Something that a duty's owner is to hear today. */
export interface DutyReminder {
  readonly duty: string;
  /** How many days are left; negative once it is overdue, null where no day says. */
  readonly days: number | null;
  readonly urgency: "soon" | "overdue" | "failing";
}

/**
 * What is to be said of a duty on a day, if anything: on the days before that its warnings name, on the day itself, and daily
 * once it is overdue or failing. What is passed over is not nagged about.
 */
export function reminderOn({ duty, state, dueAt, waiver }: DutyStanding, now: number): DutyReminder | null {
  if (waiver !== null) return null;
  const day = Date.parse(dayOf(now));
  const days = dueAt === null ? null : Math.round((Date.parse(dueAt.slice(0, 10)) - day) / 86_400_000);
  if (state === "failing" || state === "overdue") return { duty: duty.id, days, urgency: state };
  if (days === null || duty.cadence.kind === "cron") return null;
  return days === 0 || duty.warnings.includes(days) || days < 0 ? { duty: duty.id, days, urgency: "soon" } : null;
}
