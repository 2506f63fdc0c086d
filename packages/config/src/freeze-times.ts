import type { Freeze, FreezeWindow, Millis, RepeatedFreeze, Timestamp } from "@fairway/core";
import type * as Rules from "rrule-temporal";
import type * as Dates from "temporal-polyfill";

interface Calendar {
  readonly Temporal: (typeof Dates)["Temporal"];
  readonly RRuleTemporal: (typeof Rules)["RRuleTemporal"];
}

let loaded: Calendar | undefined;

/** Makes calendars and recurrence rules ready, once. Most projects have no freezes, and their daemons load none of it. */
export async function loadCalendar(): Promise<void> {
  if (loaded !== undefined) return;
  const [{ Temporal }, { RRuleTemporal: Rule }] = await Promise.all([
    import("temporal-polyfill"),
    import("rrule-temporal"),
  ]);
  loaded = { Temporal, RRuleTemporal: Rule };
}

function calendar(): Calendar {
  if (loaded === undefined) throw new TypeError("calendars are used before they are ready");
  return loaded;
}

/**
 * A day, or a day and a time, as clocks of a zone show it; one that they skip is the first they show after it. Throws
 * `RangeError`.
 */
export const instantOf = (written: string, timeZone: string): Timestamp =>
  calendar()
    .Temporal.PlainDateTime.from(written, { overflow: "reject" })
    .toZonedDateTime(timeZone)
    .toInstant()
    .toString({ fractionalSecondDigits: 3 });

/** The rule as one that the library reads. Throws when it is none. */
export function recurrence({
  repeats,
  starts,
  timeZone,
}: Pick<RepeatedFreeze, "repeats" | "starts" | "timeZone">): Rules.RRuleTemporal {
  const first = calendar().Temporal.PlainDateTime.from(starts, { overflow: "reject" });
  return new (calendar().RRuleTemporal)({
    rruleString: `DTSTART;TZID=${timeZone}:${first.toString({ smallestUnit: "second" }).replaceAll(/[-:]/g, "")}\nRRULE:${repeats}`,
    maxIterations: 10_000,
  });
}

/** More freezes than this in a row have no end that is worth telling. */
const mostInARow = 400;

/**
 * What holds an environment still at a moment, and when it may change again: where one freeze runs into the next, the end
 * of the last. Null when nothing does. Windows that repeat want {@link loadCalendar} before.
 */
export function freezeAt(windows: readonly FreezeWindow[], at: Millis): Freeze | null {
  const openNow = (moment: Millis): Freeze | undefined => windows.flatMap((window) => openAt(window, moment) ?? [])[0];
  const first = openNow(at);
  if (first === undefined) return null;
  let { until } = first;
  for (let turn = 0; turn < mostInARow; turn++) {
    const next = openNow(Date.parse(until));
    if (next === undefined) break;
    until = next.until;
  }
  return { because: first.because, until };
}

/**
 * When a freeze is open: now, or the next time that it will be. Null when it is over for good. Wants {@link loadCalendar}
 * before.
 */
export function freezeTimes(
  window: FreezeWindow,
  at: Millis,
): { readonly from: Timestamp; readonly to: Timestamp } | null {
  if ("from" in window) return at < Date.parse(window.to) ? { from: window.from, to: window.to } : null;
  const rule = recurrence(window);
  const last = rule.previous(new Date(at), true);
  const begins = last !== null && at < last.epochMilliseconds + window.lasts ? last : rule.next(new Date(at), false);
  if (begins === null) return null;
  const from = begins.epochMilliseconds;
  return { from: new Date(from).toISOString(), to: new Date(from + window.lasts).toISOString() };
}

function openAt(window: FreezeWindow, at: Millis): Freeze | null {
  if ("from" in window)
    return Date.parse(window.from) <= at && at < Date.parse(window.to)
      ? { because: window.because, until: window.to }
      : null;
  const last = recurrence(window).previous(new Date(at), true);
  if (last === null) return null;
  // Elapsed time, so that a night in which clocks are set lasts as long as any other.
  const end = last.epochMilliseconds + window.lasts;
  return at < end ? { because: window.because, until: new Date(end).toISOString() } : null;
}
