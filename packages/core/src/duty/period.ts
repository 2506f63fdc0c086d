/** A day of the calendar in UTC: `2026-11-22`. */
export type Day = string;

/** A span of the calendar. Months are as long as they are. */
export interface Period {
  readonly months: number;
  readonly days: number;
}

const dayMillis = 86_400_000;

/** The span of `P3M`, `P180D`, `P2W` or `P1Y6M`, as ISO 8601 has it; null when it is none, or nothing. */
export function periodOf(written: string): Period | null {
  const found = /^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/.exec(written);
  if (found === null) return null;
  const [years = 0, months = 0, weeks = 0, days = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const period = { months: years * 12 + months, days: weeks * 7 + days };
  return period.months + period.days === 0 ? null : period;
}

/** Whether a text is a day that a calendar has: not the 30th of February, and not the 13th month. */
export function isDay(written: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(written)) return false;
  const at = Date.parse(`${written}T00:00:00.000Z`);
  return !Number.isNaN(at) && dayOf(at) === written;
}

/** The day of a moment, in UTC. */
export const dayOf = (at: number): Day => new Date(at).toISOString().slice(0, 10);

/** The last moment of a day: what is due on it is in time until then. */
export const endOf = (day: Day): number => Date.parse(`${day}T23:59:59.999Z`);

/**
 * The day that lies a span after another, so many times over. Counted from the first day each time and never from the one
 * before, so that what begins on the 31st comes back to it after a short month, whose last day it is then.
 */
export function dayAfter(from: Day, { months, days }: Period, times = 1): Day {
  const [year = 0, month = 1, day = 1] = from.split("-").map(Number);
  const first = Date.UTC(year, month - 1 + months * times, 1);
  const there = new Date(first);
  const length = new Date(Date.UTC(there.getUTCFullYear(), there.getUTCMonth() + 1, 0)).getUTCDate();
  return dayOf(first + (Math.min(day, length) - 1 + days * times) * dayMillis);
}

/**
 * How often the span fits between two days: the largest count after which a slot is not later than `until`; -1 before the
 * first.
 */
export function timesUntil(from: Day, period: Period, until: Day): number {
  if (until < from) return -1;
  const about = (Date.parse(until) - Date.parse(from)) / dayMillis / (period.months * 30.44 + period.days);
  let times = Math.max(0, Math.floor(about) - 1);
  while (times > 0 && dayAfter(from, period, times) > until) times -= 1;
  while (dayAfter(from, period, times + 1) <= until) times += 1;
  return times;
}
