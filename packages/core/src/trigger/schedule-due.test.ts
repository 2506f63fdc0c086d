import fc from "fast-check";
import { expect, test } from "vitest";
import { scheduleLook } from "./schedule-due.ts";

const minute = 60_000;
const origin = Date.parse("2026-03-01T00:00:00Z");
/** Every so many minutes since the origin, as a schedule of cron would give them. */
const every =
  (minutes: number) =>
  (after: Date): Date =>
    new Date(origin + (Math.floor((after.getTime() - origin) / (minutes * minute)) + 1) * minutes * minute);
const rule = { catchUp: true, onTimeWithin: minute };

test("however the clock moves and however long Fairway is down, no time is run twice and at most one run makes up", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 180 }),
      fc.array(fc.integer({ min: -600, max: 3000 }), { minLength: 1, maxLength: 30 }),
      (minutes, moves) => {
        const next = every(minutes);
        let now = origin;
        let settled = new Date(origin);
        const ran: number[] = [];
        let accounted = 0;
        for (const move of moves) {
          now += move * minute;
          const look = scheduleLook(settled, new Date(now), next, rule);
          expect(look.settled.getTime()).toBeGreaterThanOrEqual(settled.getTime());
          settled = look.settled;
          if (look.due === null) continue;
          expect(look.due.slot.getTime()).toBeLessThanOrEqual(now);
          ran.push(look.due.slot.getTime());
          accounted += look.due.missed + 1;
        }
        expect(new Set(ran).size).toBe(ran.length);
        expect(ran).toEqual(ran.toSorted((a, b) => a - b));
        // Every time that has passed was run or counted as missed.
        const passed = Math.floor((settled.getTime() - origin) / (minutes * minute));
        expect(accounted).toBe(passed);
      },
    ),
  );
});

test("after years of a schedule of minutes the newest time is found without counting them all", () => {
  let asked = 0;
  const next = every(1);
  const now = new Date(origin + 3 * 365 * 24 * 60 * minute + 30_000);
  const look = scheduleLook(new Date(origin), now, (after) => ((asked += 1), next(after)), rule);
  expect(look.due?.slot).toEqual(new Date(now.getTime() - 30_000));
  expect(look.due?.missed).toBe(999);
  expect(asked).toBeLessThan(1100);
});

test("what is late and not to be made up for is dealt with and not run; what is on time is run", () => {
  const next = every(60);
  const settled = new Date(origin);
  const never = { catchUp: false, onTimeWithin: minute };
  const late = scheduleLook(settled, new Date(origin + 90 * minute), next, never);
  expect(late).toEqual({ due: null, settled: new Date(origin + 60 * minute) });
  const onTime = scheduleLook(settled, new Date(origin + 60 * minute + 5_000), next, never);
  expect(onTime.due?.slot).toEqual(new Date(origin + 60 * minute));
});

test("a schedule that ends is never due again", () => {
  const look = scheduleLook(new Date(origin), new Date(origin + minute), () => null, rule);
  expect(look).toEqual({ due: null, settled: new Date(origin) });
});
