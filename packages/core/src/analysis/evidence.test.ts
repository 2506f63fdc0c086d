import { assert, double, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { aboveLimit, atMost, moreOften, noEvidence, strengthOf } from "./evidence.ts";
import { logNormalBelow } from "./normal.ts";

const chooseLog = (n: number, k: number): number => {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
};

describe("evidence that something happens more often", () => {
  test("is worth at most 1 on average where both releases are alike, whatever the rate and the share", () => {
    assert(
      property(
        integer({ min: 1, max: 60 }),
        integer({ min: 1, max: 60 }),
        double({ min: 0, max: 1, noNaN: true }),
        (mine, others, part) => {
          const hits = Math.round(part * (mine + others));
          let mean = 0;
          for (let of = Math.max(0, hits - others); of <= Math.min(hits, mine); of++) {
            const chance = Math.exp(
              chooseLog(mine, of) + chooseLog(others, hits - of) - chooseLog(mine + others, hits),
            );
            const added = moreOften(noEvidence, { hits: of, of: mine }, { hits: hits - of, of: others });
            mean += chance * Math.exp(strengthOf(added));
          }
          expect(mean).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("is worth at most 1 on average where a rate is at its bound or below", () => {
    assert(
      property(
        integer({ min: 1, max: 80 }),
        double({ min: 0.001, max: 0.9, noNaN: true }),
        double({ min: 0, max: 1, noNaN: true }),
        (of, limit, part) => {
          const rate = limit * part;
          let mean = 0;
          for (let hits = 0; hits <= of; hits++) {
            const chance =
              rate === 0
                ? Number(hits === 0)
                : Math.exp(chooseLog(of, hits)) * rate ** hits * (1 - rate) ** (of - hits);
            mean += chance * Math.exp(strengthOf(aboveLimit(noEvidence, { hits, of }, limit)));
          }
          expect(mean).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("grows when the candidate's share of the errors is above its share of the requests, and shrinks else", () => {
    const some = (mine: number, others: number): number =>
      strengthOf(moreOften(noEvidence, { hits: mine, of: 100 }, { hits: others, of: 900 }));
    expect(some(10, 10)).toBeGreaterThan(5);
    expect(some(1, 40)).toBeLessThan(0);
    expect(some(0, 0)).toBe(0);
    expect(strengthOf(moreOften(noEvidence, { hits: 9, of: 9 }, { hits: 0, of: 0 }))).toBe(0);
  });

  test("a bound of nothing is broken by the first, and one of everything never", () => {
    expect(strengthOf(aboveLimit(noEvidence, { hits: 0, of: 50 }, 0))).toBe(0);
    expect(strengthOf(aboveLimit(noEvidence, { hits: 1, of: 50 }, 0))).toBe(Number.POSITIVE_INFINITY);
    expect(strengthOf(aboveLimit(noEvidence, { hits: 50, of: 50 }, 1))).toBe(0);
  });
});

test("Wilson's upper end is what the literature has", () => {
  // Newcombe 1998, table I, 81 of 263 at 95 %, is 0.3662; here at 99 %, by the same formula.
  expect(atMost({ hits: 81, of: 263 })).toBeCloseTo(0.3853, 3);
  expect(atMost({ hits: 0, of: 0 })).toBe(1);
  expect(atMost({ hits: 0, of: 100 })).toBeCloseTo(2.5758 ** 2 / (100 + 2.5758 ** 2), 6);
});

test("the normal distribution is that of the tables", () => {
  // Abramowitz and Stegun, tables 26.1 and 26.2: P(1), P(2), Q(5) and -log10 Q(10), -log10 Q(30).
  expect(Math.exp(logNormalBelow(0))).toBeCloseTo(0.5, 14);
  expect(Math.exp(logNormalBelow(1))).toBeCloseTo(0.841344746068543, 14);
  expect(Math.exp(logNormalBelow(-2))).toBeCloseTo(0.022750131948179, 14);
  expect(Math.exp(logNormalBelow(-5)) / 2.866515719e-7).toBeCloseTo(1, 8);
  expect(-logNormalBelow(-10) / Math.LN10).toBeCloseTo(23.11805, 5);
  expect(-logNormalBelow(-30) / Math.LN10).toBeCloseTo(197.30921, 5);
  expect(logNormalBelow(9)).toBe(0);
  expect(logNormalBelow(-5 - 1e-9)).toBeCloseTo(logNormalBelow(-5), 4);
});
