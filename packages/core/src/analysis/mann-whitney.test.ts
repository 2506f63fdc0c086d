import { array, assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { addRanks, noRankEvidence, rankSum, strengthOfRanks } from "./mann-whitney.ts";

const histogram = array(integer({ min: 0, max: 40 }), { minLength: 6, maxLength: 6 });

describe("Mann and Whitney's U of two histograms", () => {
  test("is what it is by hand, with and without ties", () => {
    // Mann and Whitney's tortoises and hares: T H H H H H T T T T T, so U = 25 of 36 for the hares' lead; here for the rest.
    const tortoises = [1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0];
    const hares = [0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1];
    const { excess, variance } = rankSum(tortoises, hares);
    expect(excess + 18).toBe(25);
    expect(variance).toBe((6 * 6 * 13) / 12);
    // All tied: it can only be what it is.
    expect(rankSum([7], [9])).toEqual({ excess: 0, variance: 0 });
  });

  test("has the variance of all permutations, with ties", () => {
    const [first, second] = [
      [2, 1, 1],
      [1, 2, 0],
    ] as const;
    const values = [0, 0, 0, 1, 1, 1, 2];
    const of: number[] = [];
    for (let chosen = 0; chosen < 2 ** values.length; chosen++) {
      const mine = [0, 0, 0];
      const others = [0, 0, 0];
      for (const [at, value] of values.entries()) {
        const side = (chosen >> at) & 1 ? mine : others;
        side[value] = (side[value] ?? 0) + 1;
      }
      if (mine.reduce((a, b) => a + b) === 4) of.push(rankSum(mine, others).excess);
    }
    const mean = of.reduce((a, b) => a + b) / of.length;
    expect(mean).toBeCloseTo(0, 12);
    expect(of.reduce((sum, one) => sum + one * one, 0) / of.length).toBeCloseTo(rankSum(first, second).variance, 12);
  });

  test("says the opposite when the two change places", () => {
    assert(
      property(histogram, histogram, (a, b) => {
        const [there, back] = [rankSum(a, b), rankSum(b, a)];
        expect(there.excess).toBeCloseTo(-back.excess, 6);
        expect(there.variance).toBeCloseTo(back.variance, 6);
        expect(there.variance).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test("looks in which everything became slower for both are no evidence; slower answers of one are", () => {
  const [quick, slow] = [
    [90, 10, 0],
    [0, 10, 90],
  ] as const;
  const alike = addRanks(addRanks(noRankEvidence, quick, quick), slow, slow);
  expect(strengthOfRanks(alike)).toBeLessThanOrEqual(0);
  expect(strengthOfRanks(addRanks(noRankEvidence, slow, quick))).toBeGreaterThan(5);
  expect(strengthOfRanks(addRanks(noRankEvidence, quick, slow))).toBeLessThan(0);
  expect(strengthOfRanks(addRanks(noRankEvidence, [], [0, 0, 0]))).toBe(0);
});
