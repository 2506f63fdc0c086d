import type { Annotations } from "./annotation.ts";

/**
 * The answer to a check. *inconclusive* means that it was asked and the answer decides nothing; that it could not be
 * asked at all is a throw.
 */
export interface Verdict {
  readonly verdict: "passed" | "failed" | "inconclusive";
  readonly summary: string;
  /** Absent where the check makes no report, as in every verdict from before there were any. */
  readonly annotations?: Annotations | undefined;
}
