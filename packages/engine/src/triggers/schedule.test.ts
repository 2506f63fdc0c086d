import fc from "fast-check";
import { expect, test } from "vitest";
import { dueAt, nextSlot } from "./schedule.ts";

/** Zones whose clocks change at two, at midnight, by half an hour, in the southern winter, around Ramadan, and never. */
const zones = [
  ...["Europe/Berlin", "America/New_York", "Asia/Beirut", "America/Havana", "Australia/Lord_Howe", "Pacific/Chatham"],
  ...["America/Santiago", "Africa/Casablanca", "Asia/Kolkata", "UTC"],
];

const dayIn = (timezone: string): ((at: Date) => string) => {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" });
  return (at) => format.format(at);
};
const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

test("a time of the day comes once on every day, also on those of 23 and of 25 hours", () => {
  fc.assert(
    fc.property(
      ...[fc.constantFrom(...zones), fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59)],
      fc.constantFrom("2026-03-01T12:00:00Z", "2026-03-20T12:00:00Z", "2026-09-20T12:00:00Z", "2026-10-20T12:00:00Z"),
      (timezone, hour, minute, from) => {
        const daily = { cron: `${minute} ${hour} * * *`, timezone };
        const day = dayIn(timezone);
        let at = nextSlot(daily, new Date(from)) as Date;
        for (let days = 0; days < 20; days++) {
          const after = nextSlot(daily, at) as Date;
          expect([timezone, daily.cron, day(after)]).toEqual([timezone, daily.cron, dayAfter(day(at))]);
          at = after;
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("every hour is every hour, on the days that have one more or less too", () => {
  for (const [timezone, from] of [
    ["Europe/Berlin", "2026-03-28T20:00:00Z"],
    ["Europe/Berlin", "2026-10-24T20:00:00Z"],
    ["America/New_York", "2026-11-01T00:00:00Z"],
  ] as const) {
    let at = new Date(from);
    for (let hours = 1; hours <= 12; hours++) {
      at = nextSlot({ cron: "0 * * * *", timezone }, at) as Date;
      expect(at.getTime()).toBe(Date.parse(from) + hours * 3_600_000);
    }
  }
});

test("a time that a night does not have comes when the clock has jumped over it, and one that it has twice comes first", () => {
  const half = { cron: "30 2 * * *", timezone: "Europe/Berlin" };
  expect(nextSlot(half, new Date("2026-03-28T12:00:00Z"))?.toISOString()).toBe("2026-03-29T01:00:00.000Z");
  expect(nextSlot(half, new Date("2026-10-24T12:00:00Z"))?.toISOString()).toBe("2026-10-25T00:30:00.000Z");
  expect(nextSlot({ cron: "0 0 30 2 *", timezone: "UTC" }, new Date("2026-01-01T00:00:00Z"))).toBeNull();
});

test("after three days of silence one run makes up for all, and where none is wanted there is none", () => {
  const [settled, now] = [new Date("2026-03-27T12:00:00Z"), new Date("2026-03-30T12:00:00Z")];
  const nightly = { cron: "30 2 * * *", timezone: "Europe/Berlin" };
  const newest = new Date("2026-03-30T00:30:00Z");
  expect(dueAt({ ...nightly, catchUp: true }, settled, now)).toEqual({
    due: { slot: newest, missed: 2 },
    settled: newest,
  });
  expect(dueAt({ ...nightly, catchUp: false }, settled, now)).toEqual({ due: null, settled: newest });
});
