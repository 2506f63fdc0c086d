import type { StrategyOptions } from "@fairway/core";
import { strategyProblems } from "@fairway/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HistorySetup } from "./testing/history.ts";
import { History } from "./testing/history.ts";

/** `FAIRWAY_HISTORIES=20000` plays as many as the bar is stated for; `FAIRWAY_HISTORY_SEED` others than every day's. */
const histories = Number(process.env["FAIRWAY_HISTORIES"] ?? 25);
const seed = Number(process.env["FAIRWAY_HISTORY_SEED"] ?? 20_261_122);

const strategies: readonly StrategyOptions[] = [
  { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200, breakerThreshold: 3 },
  { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 150, breakerThreshold: 3 },
  { name: "recreate", breakerThreshold: 3 },
  { name: "blue-green", bake: 1000, breakerThreshold: 3 },
  {
    name: "canary",
    steps: [
      { weight: 10, pause: 1000 },
      { weight: 50, pause: 1000 },
    ],
    bake: 1000,
    breakerThreshold: 3,
  },
];

const setup: fc.Arbitrary<HistorySetup> = fc
  .record({
    strategy: fc.constantFrom(...strategies),
    queue: fc.constantFrom("all", "newest"),
    approvals: fc.constantFrom(0, 1),
    replicas: fc.integer({ min: 1, max: 3 }),
    behaviour: fc.array(fc.constantFrom(null, null, null, "broken", "never-ready", "dies-later", "ill-later", "late"), {
      minLength: 3,
      maxLength: 3,
    }),
  })
  .filter(({ strategy, replicas }) => strategyProblems(strategy, replicas).length === 0);

/** Which of the six invariants of `history.ts` a history breaks. */
const brokenBy = async (of: HistorySetup, script: readonly number[]): Promise<readonly string[]> => {
  const history = new History(of, script);
  await history.play();
  return history.broken;
};

test(
  "through any history of triggers, crashes, stale workers, stops and rollbacks the six invariants hold",
  async () => {
    await fc.assert(
      fc.asyncProperty(setup, fc.array(fc.nat(1000), { maxLength: 400, size: "max" }), async (of, script) => {
        expect(await brokenBy(of, script)).toEqual([]);
      }),
      // Of thousands the first that fails is told as it is; with its seed and path it is seen again, and made small.
      { numRuns: histories, seed, endOnFailure: histories > 1000 },
    );
  },
  60_000 + histories * 1000,
);
