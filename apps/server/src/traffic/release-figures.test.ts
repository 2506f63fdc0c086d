import type { LatencyHistogram, ReleaseTraffic, RouterTraffic } from "@fairway/core";
import { assert, array, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { figuresBetween, quantile, type Reading } from "./release-figures.ts";
import { TrafficWindow } from "./traffic-window.ts";

const bounds = [1, 10, 100, null] as const;

/** A histogram in which so many answers fell into each bucket. */
function histogram(counts: readonly number[]): LatencyHistogram {
  let count = 0;
  const buckets = bounds.map((le, index) => ({ le, count: (count += counts[index] ?? 0) }));
  return { buckets, sum: 0, count };
}

const did = (ok: number, bad: number, errors: number, counts: readonly number[] = [ok + bad]): ReleaseTraffic => ({
  requests: ok + bad + errors,
  statuses: { "1xx": 0, "2xx": ok, "3xx": 0, "4xx": 0, "5xx": bad },
  errors,
  latency: histogram(counts),
});

const reading = (at: number, r1: ReleaseTraffic, since = "then"): Reading => ({
  at,
  traffic: { since, routes: { "production/web": { r1 } } },
});

const figuresOf = (before: Reading, after: Reading): unknown => figuresBetween(before, after).get("production/web");

describe("figures of a release", () => {
  test("are what it did between two readings", () => {
    const figures = figuresOf(reading(0, did(100, 2, 1)), reading(30_000, did(190, 5, 3, [102, 93])));
    expect(figures).toEqual([
      {
        release: "r1",
        seconds: 30,
        requests: 95,
        requestsPerSecond: 3.17,
        errors: 5,
        p99: expect.any(Number) as number,
      },
    ]);
  });

  test("are of all it did when the router began to count anew", () => {
    const figures = figuresOf(reading(0, did(100, 0, 0)), reading(10_000, did(20, 0, 0), "now"));
    expect(figures).toMatchObject([{ requests: 20, requestsPerSecond: 2, errors: 0 }]);
  });

  test("leave out a release that got nothing, and never are below zero", () => {
    expect(figuresOf(reading(0, did(5, 0, 0)), reading(60_000, did(5, 0, 0)))).toEqual([]);
    expect(figuresOf(reading(0, did(5, 0, 0)), reading(60_000, did(3, 0, 0)))).toEqual([]);
  });
});

describe("a quantile", () => {
  test("is where in its bucket it would be if answers were spread evenly", () => {
    expect(quantile(0.5, undefined, histogram([0, 100]))).toBe(5.5);
    expect(quantile(0.99, undefined, histogram([98, 2]))).toBe(5.5);
    expect(quantile(0.99, histogram([98, 2]), histogram([98, 2, 10]))).toBe(99.1);
  });

  test("beyond the last bound is that bound, and of nothing is nothing", () => {
    expect(quantile(0.99, undefined, histogram([0, 0, 0, 5]))).toBe(100);
    expect(quantile(0.99, undefined, histogram([]))).toBeNull();
    expect(quantile(0.99, histogram([3]), histogram([3]))).toBeNull();
  });

  test("is within the bounds of the bucket that holds it, and grows with its part", () => {
    assert(
      property(array(integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 }), (counts) => {
        const found = [0.1, 0.5, 0.9, 0.99, 1].map((part) => quantile(part, undefined, histogram(counts)) ?? 0);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
        expect(Math.max(...found)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

test("a window of traffic is of the last minute, whatever was before", async () => {
  let count = 0;
  const traffic = (): RouterTraffic => reading(0, did(count, 0, 0)).traffic;
  const window = new TrafficWindow(async () => traffic());
  const requests = async (now: number): Promise<unknown> => (await window.figures(now)).get("production/web");
  expect(await requests(0)).toEqual([]);
  for (let now = 0; now <= 120_000; now += 10_000) {
    await window.look(now);
    count += 10;
  }
  expect(await requests(120_000)).toMatchObject([{ seconds: 60, requests: 70 }]);
});
