import { expect, test } from "vitest";
import type { Annotation } from "./annotation.ts";
import type { CheckReport, ReportTool } from "./check-report.ts";
import { judgeCheck, type ReportReading } from "./judge-check.ts";

const error: Annotation = { severity: "error", file: "a", line: 1, column: 1, rule: "r", message: "no" };
const warning: Annotation = { ...error, severity: "warning" };
const read = (annotations: readonly Annotation[] = [], tests: number | null = null): ReportReading => ({
  read: true,
  annotations,
  tests,
});
const none: ReportReading = { read: false, why: "the command left none" };

const cases: readonly (readonly [ReportTool, number, ReportReading, string])[] = [
  ["eslint", 0, read([warning]), "passed"],
  ["eslint", 1, read([error]), "failed"],
  // --max-warnings
  ["eslint", 1, read([warning]), "failed"],
  ["eslint", 2, read([error]), "unknown"],
  ["eslint", 1, none, "unknown"],
  ["eslint", 0, none, "unknown"],
  ["ruff", 0, read(), "passed"],
  ["ruff", 1, read([error]), "failed"],
  ["ruff", 2, none, "unknown"],
  ["tsc", 0, read(), "passed"],
  ["tsc", 1, read([error]), "failed"],
  ["tsc", 2, read([error]), "failed"],
  // It printed its help: there is no tsconfig.json.
  ["tsc", 1, read(), "unknown"],
  ["tsc", 3, read([error]), "unknown"],
  ["tsc", 127, read(), "unknown"],
  ["pytest", 0, read([], 3), "passed"],
  ["pytest", 1, read([error], 3), "failed"],
  // A file could not be collected.
  ["pytest", 2, read([error], 1), "failed"],
  // Somebody interrupted it.
  ["pytest", 2, read([], 1), "unknown"],
  ["pytest", 3, read([], 1), "unknown"],
  ["pytest", 4, none, "unknown"],
  ["pytest", 5, read([], 0), "inconclusive"],
  ["node-test", 0, read([], 2), "passed"],
  ["node-test", 0, read([], 0), "inconclusive"],
  ["node-test", 1, read([error], 2), "failed"],
  ["node-test", 1, read([], 2), "unknown"],
  ["vitest", 1, read([error], 2), "failed"],
  ["vitest", 1, none, "unknown"],
  ["hardhat", 0, read([warning]), "passed"],
  ["hardhat", 1, read([error]), "failed"],
  // The compiler could not be downloaded.
  ["hardhat", 1, read(), "unknown"],
  ["forge", 1, read([error], 4), "failed"],
  ["forge", 0, read([error]), "failed"],
  ["forge", 1, none, "unknown"],
];

test.each(cases)("%s that ends with %i", (tool, code, reading, verdict) => {
  expect(judgeCheck({ tool }, code, reading).verdict).toBe(verdict);
});

const junit: CheckReport = { format: "junit", file: "report.xml" };

test("a failed test is a no, whatever the runner's exit code says", () => {
  expect(judgeCheck(junit, 0, read([error], 2))).toMatchObject({
    verdict: "failed",
    summary: "report.xml found 1 error in 2 tests",
  });
  expect(judgeCheck(junit, 0, read([], 2)).verdict).toBe("passed");
  expect(judgeCheck({ format: "sarif", file: "a" }, 0, read([error])).verdict).toBe("passed");
  expect(judgeCheck({ format: "sarif", file: "a" }, 1, read()).verdict).toBe("failed");
});

test("a report that is missing is neither a yes nor a no, and says why", () => {
  for (const code of [0, 1])
    expect(judgeCheck(junit, code, none)).toEqual({
      verdict: "unknown",
      why: `it ended with exit code ${code} and its junit report cannot be used: the command left none`,
      hint: "a check counts only with its report; look at its log",
    });
});
