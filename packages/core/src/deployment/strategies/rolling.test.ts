import fc from "fast-check";
import { expect, test } from "vitest";
import type { Group, View } from "../strategy.ts";
import { nothing, plainFacts } from "../strategy.ts";
import { breakerThreshold } from "./breaker.ts";
import { capacityWarning, defaultRolling, leastReady, mostRunning, rolling } from "./rolling.ts";
import type { RollingOptions } from "./rolling.ts";

const group = fc
  .record({ running: fc.nat(12), ready: fc.nat(12), failed: fc.nat(4) })
  .map(({ running, ready, failed }): Group => ({ running, ready: Math.min(running, ready), failed, busy: 0 }));
const bounds = fc.record({
  minimumHealthyPercent: fc.integer({ min: 0, max: 100 }),
  maximumPercent: fc.integer({ min: 100, max: 400 }),
});
const situation = fc
  .record({ bounds, desired: fc.integer({ min: 1, max: 9 }), stable: group, candidate: group })
  .map(({ bounds: percents, desired, stable, candidate }) => {
    const options: RollingOptions = { name: "rolling", ...percents, breakerThreshold: 5 };
    const view: View = {
      desired,
      stable,
      candidate,
      weight: 0,
      facts: plainFacts,
    };
    return { options, view };
  })
  .filter(({ options, view }) => rolling.problems(options, view.desired).length === 0);

const sum = (view: View, count: "running" | "ready"): number => view.stable[count] + view.candidate[count];

test("nothing that is started takes the running ones over the most", () => {
  fc.assert(
    fc.property(situation, ({ options, view }) => {
      const move = rolling.next(options, view);
      fc.pre(move.do === "scale" && move.candidate > view.candidate.running);
      // Starts come before stops, so the old ones count as they were.
      expect(move.candidate + view.stable.running).toBeLessThanOrEqual(mostRunning(options, view.desired));
    }),
  );
});

test("nothing that is stopped takes the ready ones below the least", () => {
  fc.assert(
    fc.property(situation, ({ options, view }) => {
      const move = rolling.next(options, view);
      fc.pre(move.do === "scale");
      const { stable, candidate } = view;
      // Those that are not ready go first.
      const lost = Math.max(0, stable.running - move.stable - (stable.running - stable.ready));
      const lostNew = Math.max(0, candidate.running - move.candidate - (candidate.running - candidate.ready));
      fc.pre(lost + lostNew > 0);
      expect(sum(view, "ready") - lost - lostNew).toBeGreaterThanOrEqual(leastReady(options, view.desired));
    }),
  );
});

test("it holds only while something starts, so it never waits for ever", () => {
  fc.assert(
    fc.property(situation, ({ options, view }) => {
      fc.pre(rolling.next(options, view).do === "hold");
      expect(sum(view, "ready")).toBeLessThan(sum(view, "running"));
    }),
  );
});

test("it never asks for more than is desired, nor for less than nothing", () => {
  fc.assert(
    fc.property(situation, ({ options, view }) => {
      const move = rolling.next(options, view);
      fc.pre(move.do === "scale");
      expect(move.candidate).toBeLessThanOrEqual(Math.max(view.desired, view.candidate.running));
      expect(move.stable).toBeGreaterThanOrEqual(0);
      expect(move.stable).toBeLessThanOrEqual(view.stable.running);
    }),
  );
});

test("it finishes when all that runs is the candidate, whole and ready, and only then", () => {
  fc.assert(
    fc.property(situation, ({ options, view }) => {
      const { stable, candidate, desired } = view;
      const whole = stable.running === 0 && candidate.running === desired && candidate.ready === desired;
      expect(rolling.next({ ...options, breakerThreshold: 5 }, view).do === "finish").toBe(whole);
    }),
  );
});

test("it gives up at the threshold and not before", () => {
  fc.assert(
    fc.property(situation, fc.integer({ min: 1, max: 6 }), ({ options, view }, threshold) => {
      const move = rolling.next({ ...options, breakerThreshold: threshold }, view);
      expect(move.do === "abort").toBe(view.candidate.failed >= threshold);
    }),
  );
});

test("the bounds round as ECS rounds them", () => {
  const options: RollingOptions = { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 150 };
  expect([1, 2, 3, 5].map((desired) => leastReady(options, desired))).toEqual([1, 1, 2, 3]);
  expect([1, 2, 3, 5].map((desired) => mostRunning(options, desired))).toEqual([1, 3, 4, 7]);
});

test("the breaker's own threshold is half of the desired, at least 3 and at most 200", () => {
  expect([1, 5, 7, 25, 1000].map((desired) => breakerThreshold(defaultRolling, desired))).toEqual([3, 3, 4, 13, 200]);
});

test("bounds that can never move or never end are refused, each with a sentence", () => {
  const problems = (minimumHealthyPercent: number, maximumPercent: number, desired: number): readonly string[] =>
    rolling.problems({ name: "rolling", minimumHealthyPercent, maximumPercent }, desired);
  expect(problems(100, 150, 1)).toEqual([
    "at 1 replica these bounds allow neither a start nor a stop; lower minimumHealthyPercent or raise maximumPercent",
  ]);
  expect(problems(50, 200, 1)).toEqual([]);
  expect(problems(0, 100, 1)).toEqual([]);
  expect(problems(25, 50, 4)).toEqual(["maximumPercent must be at least 100"]);
  expect(problems(150, 200, 4)).toEqual(["minimumHealthyPercent must be between 0 and 100"]);
  expect(problems(100, 100, 0)).toEqual([]);
  expect(rolling.problems({ ...defaultRolling, breakerThreshold: 0 }, 1)).toEqual([
    "breakerThreshold must be at least 1",
  ]);
});

test("none at all are desired: the old ones go and that is all", () => {
  const view: View = {
    desired: 0,
    stable: { ...nothing, running: 2, ready: 2 },
    candidate: nothing,
    weight: 0,
    facts: plainFacts,
  };
  expect(rolling.next(defaultRolling, view)).toEqual({ do: "scale", stable: 0, candidate: 0 });
  expect(rolling.next(defaultRolling, { ...view, stable: nothing })).toEqual({ do: "finish" });
});

test("half of two is told before one of them goes, and the recipe for zero downtime has nothing to tell", () => {
  expect(capacityWarning({ minimumHealthyPercent: 50 }, 2, "web")).toBe(
    "web may go down to 1 of 2 while it is replaced; 100 and 200 percent never take any away first",
  );
  // Rounded up, so that half of one is one.
  expect(capacityWarning({ minimumHealthyPercent: 50 }, 1, "web")).toBe(null);
  expect(capacityWarning(defaultRolling, 2, "web")).toBe(null);
});
