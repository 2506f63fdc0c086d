import type { CheckTest, Millis, Percent } from "@fairway/core";

/** What was measured. */
export interface LoadFigures extends Readonly<Record<string, number>> {
  readonly requests: number;
  /** Requests a second. */
  readonly rate: number;
  readonly p50: Millis;
  readonly p95: Millis;
  readonly p99: Millis;
  /** Of the requests, in percent. */
  readonly errors: Percent;
}

/** What is allowed; null where nothing is said. */
export interface LoadLimits {
  readonly p95: Millis | null;
  readonly p99: Millis | null;
  readonly errors: Percent;
  /** How much longer than before. */
  readonly slower: Percent | null;
}

/** So much is noise: two measurements of the same release differ by it. */
const noise: Millis = 2;

/** Each limit as a test. What is compared with nothing is skipped and says so. */
export function loadTests(found: LoadFigures, limits: LoadLimits, before: Millis | null): readonly CheckTest[] {
  const test = (name: string, problem: string | null): CheckTest => ({
    name,
    state: problem === null ? "passed" : "failed",
    took: 0,
    message: problem,
    requestId: null,
    exchange: null,
  });
  const above = (name: "p95" | "p99", words: string): readonly CheckTest[] => {
    const limit = limits[name];
    if (limit === null) return [];
    return [
      test(name, found[name] <= limit ? null : `${words} took up to ${found[name]} ms, and not ${limit} ms at most`),
    ];
  };
  const compared = (): readonly CheckTest[] => {
    if (limits.slower === null) return [];
    if (before === null)
      return [{ ...test("slower", null), state: "skipped", message: "there is no release before to compare with" }];
    const most = Math.max(before * (1 + limits.slower / 100), before + noise);
    return [
      test(
        "slower",
        found.p95 <= most
          ? null
          : `95 of 100 answers took up to ${found.p95} ms; with the release before ${before} ms, and ${limits.slower} % more is allowed`,
      ),
    ];
  };
  return [
    test(
      "errors",
      found.errors <= limits.errors
        ? null
        : `${found.errors} % of ${found.requests} requests failed, and ${limits.errors} % are allowed`,
    ),
    ...above("p95", "95 of 100 answers"),
    ...above("p99", "99 of 100 answers"),
    ...compared(),
  ];
}
