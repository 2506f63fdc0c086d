import type { Millis } from "../units.ts";
import type { PlatformCheck } from "./platform-check.ts";

/** The program that Fairway brings for what is asked of services that run. */
export const checkProgram = "fairway-check";

/** What a check of what runs asks with. */
export type CheckKind = "command" | "collection" | "http" | "smoke" | "journey" | "load" | PlatformCheck["asks"];

/** What a question came to that was asked of what runs; *no-data* when it could not be asked, which is no yes. */
export type CheckStatus = "passed" | "failed" | "no-data";

/** One assertion of a collection, request of a suite or step of a journey. */
export interface CheckTest {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly took: Millis;
  /** Why it did not pass; null where it did. */
  readonly message: string | null;
  /** What the request was sent with as `x-request-id`, to be found in logs. */
  readonly requestId: string | null;
  /** The request and its answer, without what is secret; only where it did not pass. */
  readonly exchange: string | null;
}

/** Something to look at that a check left: a screenshot, a HAR. */
export interface CheckFile {
  readonly name: string;
  readonly type: string;
}

/** What the program writes down. */
export interface LiveReport {
  readonly status: CheckStatus;
  readonly summary: string;
  readonly tests: readonly CheckTest[];
  /** Numbers by name, of a load. */
  readonly figures: Readonly<Record<string, number>>;
  readonly files: readonly CheckFile[];
}

/** The status of tests together, and it in words: none at all say nothing. */
export function reportOfTests(what: string, tests: readonly CheckTest[]): LiveReport {
  const failed = tests.filter(({ state }) => state === "failed");
  const passed = tests.filter(({ state }) => state === "passed").length;
  const status = failed.length > 0 ? "failed" : passed > 0 ? "passed" : "no-data";
  const count = `${tests.length} ${tests.length === 1 ? "test" : "tests"}`;
  const first = failed[0];
  const summary =
    status === "no-data"
      ? `${what} asked nothing`
      : first === undefined
        ? `${what}: ${count} passed`
        : `${what}: ${failed.length} of ${count} failed; first ${first.name}: ${firstLine(first.message ?? "failed")}`;
  return { status, summary, tests, figures: {}, files: [] };
}

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** Names of tests that failed at first and passed when they were asked again of the same release: nobody can rely on them. */
export function flakyTests(first: readonly CheckTest[], again: readonly CheckTest[]): readonly string[] {
  const failed = new Set(first.filter(({ state }) => state === "failed").map(({ name }) => name));
  const well = new Set(again.filter(({ state }) => state === "passed").map(({ name }) => name));
  const stillBad = new Set(again.filter(({ state }) => state === "failed").map(({ name }) => name));
  return [...failed].filter((name) => well.has(name) && !stillBad.has(name));
}

/** The value that so many of a hundred values are not above; null of none. The nearest rank, so it is one of them. */
export function percentileOf(values: readonly number[], percent: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}
