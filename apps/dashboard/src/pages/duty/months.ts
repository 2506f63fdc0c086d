/** A month of the calendar with its first and last day, and its neighbours: all in UTC, as days are due. */
export interface Month {
  readonly month: string;
  readonly from: string;
  readonly until: string;
  readonly before: string;
  readonly after: string;
  readonly words: string;
}

/** The month that is written like 2026-11; that of `now` where it is none. */
export function monthOf(written: string | undefined, now: number): Month {
  const found = /^(2\d{3})-(0[1-9]|1[0-2])$/.exec(written ?? "");
  const today = new Date(now);
  const year = found === null ? today.getUTCFullYear() : Number(found[1]);
  const index = found === null ? today.getUTCMonth() : Number(found[2]) - 1;
  const day = (month: number, date: number): string => new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10);
  return {
    month: day(index, 1).slice(0, 7),
    from: day(index, 1),
    until: day(index + 1, 0),
    before: day(index - 1, 1).slice(0, 7),
    after: day(index + 1, 1).slice(0, 7),
    words: new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(
      Date.UTC(year, index, 1),
    ),
  };
}

/** Things by the day on which they are due, in UTC, earlier days first. */
export function byDay<Each extends { readonly due: string }>(
  all: readonly Each[],
): readonly { readonly day: string; readonly rows: readonly Each[] }[] {
  const days = new Map<string, Each[]>();
  for (const each of all) {
    const day = each.due.slice(0, 10);
    const rows = days.get(day);
    if (rows === undefined) days.set(day, [each]);
    else rows.push(each);
  }
  return [...days].map(([day, rows]) => ({ day, rows })).toSorted((one, other) => one.day.localeCompare(other.day));
}
