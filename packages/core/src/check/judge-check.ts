import type { Annotation } from "./annotation.ts";
import { countsOf, keepAnnotations } from "./annotation.ts";
import type { CheckReport } from "./check-report.ts";
import type { Verdict } from "./verdict.ts";

/** What a report says, or why it says nothing. */
export type ReportReading =
  | {
      readonly read: true;
      readonly annotations: readonly Annotation[];
      /** How many tests it tells of; null when it is not about tests. */
      readonly tests: number | null;
    }
  | { readonly read: false; readonly why: string };

/** What a command's end and its report say together; *unknown* when the question was not answered. */
export type Judgement = Verdict | { readonly verdict: "unknown"; readonly why: string; readonly hint: string };

type Meaning = "yes" | "no" | "unknown" | "no-tests";

/**
 * What a check's answer is. An exit code alone lies: a linter that crashed did not say no, and a test runner that found
 * no test did not say yes. Each tool's codes mean what its documentation says, and what they cannot tell the report does.
 */
export function judgeCheck(report: CheckReport, code: number, reading: ReportReading): Judgement {
  const name = "tool" in report ? report.tool : report.file;
  const meaning = meaningOf(report, code, reading);
  if (meaning === "unknown") return unknown(report, code, reading);
  if (meaning === "no-tests")
    return { verdict: "inconclusive", summary: `${name} found no tests, so nothing is known` };
  // A yes or a no without its report would hide what was found.
  if (!reading.read) return unknown(report, code, reading);
  const annotations = keepAnnotations(reading.annotations);
  const tests = reading.tests === null ? "" : ` in ${reading.tests} test${reading.tests === 1 ? "" : "s"}`;
  return {
    verdict: meaning === "yes" ? "passed" : "failed",
    summary: `${name} found ${countsOf(annotations)}${tests}`,
    annotations,
  };
}

function unknown(report: CheckReport, code: number, reading: ReportReading): Judgement {
  const ended = `it ended with exit code ${code}`;
  const what = "tool" in report ? report.tool : report.format;
  return reading.read
    ? {
        verdict: "unknown",
        why: `${ended}, with which ${what} says neither yes nor no`,
        hint: "look at its log: it did not get to the end",
      }
    : {
        verdict: "unknown",
        why: `${ended} and its ${what} report cannot be used: ${reading.why}`,
        hint: "a check counts only with its report; look at its log",
      };
}

function meaningOf(report: CheckReport, code: number, reading: ReportReading): Meaning {
  const errors = reading.read && reading.annotations.some(({ severity }) => severity === "error");
  const noTests = reading.read && reading.tests === 0;
  if ("format" in report) {
    // A runner may be told to end well whatever it finds; a failed test is a no all the same.
    const isOfTests = report.format === "junit" || report.format === "tap";
    if (code === 0) return isOfTests && errors ? "no" : report.format === "tap" && noTests ? "no-tests" : "yes";
    return "no";
  }
  switch (report.tool) {
    // https://eslint.org/docs/latest/use/command-line-interface#exit-codes
    // https://docs.astral.sh/ruff/linter/#exit-codes
    case "eslint":
    case "ruff":
      return code === 0 ? "yes" : code === 1 ? "no" : "unknown";
    // 1 and 2 say that there are diagnostics, without and with output; also `tsc` without a tsconfig.json ends with 1.
    // https://github.com/microsoft/TypeScript/blob/main/src/compiler/types.ts (ExitStatus)
    case "tsc":
      return code === 0 ? "yes" : code <= 2 && errors ? "no" : "unknown";
    // 2 is "interrupted", which pytest also says when a file could not be collected: then the report has its error.
    // https://docs.pytest.org/en/stable/reference/exit-codes.html
    case "pytest":
      return code === 0 ? "yes" : code === 1 ? "no" : code === 2 && errors ? "no" : code === 5 ? "no-tests" : "unknown";
    // 1 for a failed test and for everything else that went wrong.
    case "node-test":
    case "vitest":
      return code === 0 ? (noTests ? "no-tests" : "yes") : code === 1 && errors ? "no" : "unknown";
    // Its producers end with whatever they like: https://testanything.org/tap-version-14-specification.html
    case "tap":
      return errors ? "no" : code !== 0 ? "unknown" : noTests ? "no-tests" : "yes";
    // 0 for a yes, 1 for a no; anything else says that it could not be asked.
    case "fairway-check":
      return code === 0 && !errors ? "yes" : code === 1 && errors ? "no" : "unknown";
    // 1 for whatever goes wrong, also for a compiler that could not be downloaded; `forge build --json` ends with 0
    // although nothing could be compiled.
    case "hardhat":
    case "forge":
      return errors ? "no" : code === 0 ? "yes" : "unknown";
  }
}
