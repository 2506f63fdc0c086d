import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { dayAfter, dayOf, endOf, isDay, periodOf, timesUntil } from "./period.ts";

const after = (from: string, period: string, times = 1): string => {
  const span = periodOf(period);
  if (span === null) throw new RangeError(period);
  return dayAfter(from, span, times);
};

test.each([
  ["2026-01-31", "P3M", "2026-04-30"],
  ["2026-11-30", "P3M", "2027-02-28"],
  ["2027-11-30", "P3M", "2028-02-29"],
  ["2028-02-29", "P12M", "2029-02-28"],
  ["2026-08-31", "P6M", "2027-02-28"],
  ["2026-09-01", "P180D", "2027-02-28"],
  ["2027-12-31", "P90D", "2028-03-30"],
])("%s and %s is %s", (from, period, to) => expect(after(from, period)).toBe(to));

test.each(["Pacific/Kiritimati", "America/Los_Angeles", "Africa/Casablanca"])(
  "days are those of UTC on a machine in %s",
  (zone) => {
    vi.stubEnv("TZ", zone);
    try {
      // The machine itself is there.
      expect(new Date(2026, 0, 1).toISOString()).not.toBe("2026-01-01T00:00:00.000Z");
      expect(after("2026-01-31", "P1M", 2)).toBe("2026-03-31");
      expect(after("2027-12-31", "P90D")).toBe("2028-03-30");
      expect(dayOf(endOf("2026-03-29"))).toBe("2026-03-29");
      expect(dayOf(endOf("2026-03-29") + 1)).toBe("2026-03-30");
      expect(timesUntil("2026-01-31", { months: 1, days: 0 }, "2026-04-30")).toBe(3);
    } finally {
      vi.unstubAllEnvs();
    }
  },
);

test("what begins on the 31st comes back to it after a short month", () => {
  expect([1, 2, 3, 4].map((times) => after("2026-01-31", "P1M", times))).toEqual([
    "2026-02-28",
    "2026-03-31",
    "2026-04-30",
    "2026-05-31",
  ]);
});

test("a span is written as ISO 8601 has it", () => {
  expect(periodOf("P1Y6M")).toEqual({ months: 18, days: 0 });
  expect(periodOf("P2W")).toEqual({ months: 0, days: 14 });
  for (const wrong of ["P", "P0D", "3M", "PT1H", "P1.5M", "P-1M", "p3m", "P3M "]) expect(periodOf(wrong)).toBeNull();
});

test("only days of the calendar are days", () => {
  expect(isDay("2028-02-29")).toBe(true);
  for (const wrong of ["2026-02-29", "2026-13-45", "2026-1-1", "2026-11-22T00:00", "tomorrow"])
    expect(isDay(wrong)).toBe(false);
});

test("a day lasts until its last millisecond", () => {
  expect(new Date(endOf("2026-11-22")).toISOString()).toBe("2026-11-22T23:59:59.999Z");
});

const day = fc
  .integer({ min: Date.UTC(1990, 0, 1) / 86_400_000, max: Date.UTC(2090, 0, 1) / 86_400_000 })
  .map((number) => dayOf(number * 86_400_000));
const period = fc
  .record({ months: fc.integer({ min: 0, max: 30 }), days: fc.integer({ min: 0, max: 400 }) })
  .filter(({ months, days }) => months + days > 0);

test("days grow with every time, and the number of times is found again from any day", () => {
  fc.assert(
    fc.property(day, period, fc.integer({ min: 0, max: 60 }), (from, span, times) => {
      const [there, next] = [dayAfter(from, span, times), dayAfter(from, span, times + 1)];
      expect(isDay(there) && there < next).toBe(true);
      expect(timesUntil(from, span, there)).toBe(times);
      expect(timesUntil(from, span, dayOf(Date.parse(next) - 86_400_000))).toBe(times);
    }),
    { numRuns: 200 },
  );
});

test("months alone keep the day, or take the last of a shorter month", () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 300 }), (from, months) => {
      const there = dayAfter(from, { months, days: 0 });
      const isLast = dayOf(Date.parse(there) + 86_400_000).endsWith("-01");
      expect(there.slice(8) === from.slice(8) || (isLast && there.slice(8) < from.slice(8))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
