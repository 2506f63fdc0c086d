import { expect, test } from "vitest";
import { trafficWords } from "./traffic-words.ts";
import { wholeInWords } from "./whole-in-words.ts";

const figures = { release: "r1", seconds: 60, requests: 120, requestsPerSecond: 2, errors: 0, p99: 31.4 };

test("what users asked of all releases is told together", () => {
  expect(trafficWords([figures, { ...figures, release: "r2", requestsPerSecond: 20, errors: 1, p99: 8 }])).toBe(
    "22 req/s · p99 31 ms · 1 error",
  );
  expect(trafficWords([])).toBe("no requests");
  expect(trafficWords(null)).toBe("");
});

test("a project without environments says so", () => {
  expect(wholeInWords({ project: "shop", environments: [] })).toBe("shop has no environments yet.");
});
