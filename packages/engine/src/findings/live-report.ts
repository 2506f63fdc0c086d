import type { Annotation, CheckFile, CheckTest, LiveReport } from "@fairway/core";
import { NotThatReport, jsonOf, listOf, numberOrNull, recordOf, textOf, textOrNull } from "./report-form.ts";

const mostTests = 2_000;
const longestText = 8 * 1024;

/** Reads what Fairway's own program wrote. What it asked is code of the repository, so its words are taken for nobody's. */
export function readLiveReport(text: string): LiveReport {
  const report = recordOf(jsonOf(text), "the report");
  const { status } = report;
  if (status !== "passed" && status !== "failed" && status !== "no-data") throw new NotThatReport("it has no status");
  const figures = Object.entries(recordOf(report["figures"] ?? {}, "the figures"));
  return {
    status,
    summary: textOf(report["summary"], "the summary").slice(0, longestText),
    tests: listOf(report["tests"], "the list of tests").slice(0, mostTests).map(testOf),
    figures: Object.fromEntries(figures.filter((one): one is [string, number] => Number.isFinite(one[1]))),
    files: listOf(report["files"] ?? [], "the list of files")
      .slice(0, 20)
      .map(fileOf),
  };
}

function testOf(each: unknown): CheckTest {
  const test = recordOf(each, "a test");
  const { state } = test;
  if (state !== "passed" && state !== "failed" && state !== "skipped") throw new NotThatReport("a test has no state");
  return {
    name: textOf(test["name"], "the name of a test").slice(0, 500),
    state,
    took: Math.max(0, Math.round(numberOrNull(test["took"]) ?? 0)),
    message: textOrNull(test["message"])?.slice(0, longestText) ?? null,
    requestId: textOrNull(test["requestId"])?.slice(0, 200) ?? null,
    exchange: textOrNull(test["exchange"])?.slice(0, longestText) ?? null,
  };
}

function fileOf(each: unknown): CheckFile {
  const file = recordOf(each, "a file");
  const name = textOf(file["name"], "the name of a file");
  // It becomes a path.
  if (!/^[a-z0-9][a-z0-9.-]{0,60}$/u.test(name)) throw new NotThatReport("a file has no good name");
  return { name, type: textOf(file["type"], "the type of a file").slice(0, 100) };
}

/** What did not pass, with the request id and the exchange, as other reports tell it. */
export function annotationsOfLive({ tests, status, summary }: LiveReport): {
  readonly annotations: readonly Annotation[];
  readonly tests: number;
} {
  const failed = tests.filter(({ state }) => state === "failed");
  const none = { severity: "error", file: null, line: null, column: null, rule: null } as const;
  const annotations = failed.map(({ name, message, requestId, exchange }): Annotation => {
    const more = [requestId === null ? null : `request ${requestId}`, exchange].filter((part) => part !== null);
    return { ...none, message: [`${name}: ${message ?? "failed"}`, ...more].join("\n") };
  });
  const said = annotations.length === 0 && status === "failed" ? [{ ...none, message: summary }] : annotations;
  return { annotations: said, tests: tests.length };
}
