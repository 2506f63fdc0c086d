import { describe, expect, test } from "vitest";
import { flakyReport, suitesToRunAgain, togetherWith } from "./second-run.mjs";

const suite = (name: string, failed = 0): { suite: string; passed: number; failed: number; skipped: never[] } => ({
  suite: name,
  passed: 3 - failed,
  failed,
  skipped: [],
});
const report = (...suites: readonly ReturnType<typeof suite>[]): { suites: typeof suites; errors: number } => ({
  suites,
  errors: 0,
});

describe("a second run", () => {
  test("is for the few files that failed", () => {
    expect(suitesToRunAgain(report(suite("a"), suite("b", 1), suite("c", 2)))).toEqual(["b", "c"]);
    expect(suitesToRunAgain(report(suite("a")))).toEqual([]);
  });

  test("is not for many failures, nor for one outside of every test", () => {
    expect(suitesToRunAgain(report(...["a", "b", "c", "d", "e"].map((name) => suite(name, 1))))).toEqual([]);
    expect(suitesToRunAgain({ ...report(suite("a", 1)), errors: 1 })).toEqual([]);
  });

  test("counts for what ran again, and names what passed only then", () => {
    const first = report(suite("a"), suite("b", 1), suite("c", 2));
    const together = togetherWith(first, report(suite("b"), suite("c", 1)));
    expect(together.suites.map(({ suite: name, failed }) => [name, failed])).toEqual([
      ["a", 0],
      ["b", 0],
      ["c", 1],
    ]);
    expect(flakyReport(first, together).at(-1)).toBe("  b");
    expect(flakyReport(first, first)).toEqual([]);
  });

  test("that told nothing mends nothing", () => {
    const first = report(suite("a", 1));
    expect(togetherWith(first, { suites: [], errors: 1 })).toEqual({ suites: [suite("a", 1)], errors: 1 });
  });
});
