import { describe, expect, test } from "vitest";
import type { ReleaseTraffic } from "../deployment/release-traffic.ts";
import { bothOf, boundFrom, countsBetween, noCounts, quantileOf, slowerThan } from "./counts.ts";

const traffic = (upTo: readonly number[], bad: number, errors: number): ReleaseTraffic => {
  const count = upTo.at(-1) ?? 0;
  return {
    requests: count + errors,
    statuses: { "1xx": 0, "2xx": count - bad, "3xx": 0, "4xx": 0, "5xx": bad },
    errors,
    latency: { buckets: [10, 20, null].map((le, at) => ({ le, count: upTo[at] ?? 0 })), sum: 0, count },
  };
};

test("what happened between two readings of a counter that only grows", () => {
  const counts = countsBetween(traffic([5, 8, 10], 1, 1), traffic([9, 18, 30], 4, 3));
  expect(counts).toEqual({ requests: 22, errors: 5, answers: [4, 6, 10], bounds: [10, 20, null] });
  expect(countsBetween(undefined, traffic([5, 8, 10], 1, 1))).toMatchObject({ requests: 11, answers: [5, 3, 2] });
});

test("a router that began to count anew, and an answer counted twice, give nothing impossible", () => {
  expect(countsBetween(traffic([9, 18, 30], 4, 3), traffic([5, 8, 10], 1, 1))).toMatchObject({
    requests: 0,
    errors: 0,
    answers: [0, 0, 0],
  });
  expect(countsBetween(undefined, { ...traffic([1, 1, 1], 1, 0), errors: 1 })).toMatchObject({
    requests: 1,
    errors: 1,
  });
});

describe("counts", () => {
  const some = countsBetween(undefined, traffic([90, 98, 100], 0, 0));

  test("tell quantiles within a bucket, and no more than the last bound", () => {
    expect(quantileOf(some, 0.5)).toBeCloseTo(5.56, 2);
    expect(quantileOf(some, 0.95)).toBeCloseTo(16.25, 2);
    expect(quantileOf(some, 1)).toBe(20);
    expect(quantileOf(noCounts, 0.5)).toBeNull();
  });

  test("tell how many were slower than a bound", () => {
    expect(slowerThan(some, 10)).toEqual({ hits: 10, of: 100 });
    expect(boundFrom(some, 11)).toBe(20);
    expect(boundFrom(some, 21)).toBeNull();
  });

  test("add up", () => {
    expect(bothOf(noCounts, some)).toEqual(some);
    expect(bothOf(some, noCounts)).toEqual(some);
    expect(bothOf(some, some)).toMatchObject({ requests: 200, answers: [180, 16, 4] });
  });
});
