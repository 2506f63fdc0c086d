import type { CheckOfWhatRuns } from "@fairway/api";
import type { State } from "@fairway/core";

type Status = CheckOfWhatRuns["status"];

interface Look {
  readonly state: State;
  readonly words: string;
}

const byStatus: Readonly<Record<Status, Look>> = {
  passed: { state: "succeeded", words: "passed" },
  failed: { state: "failed", words: "failed" },
  "no-data": { state: "waiting", words: "no data" },
};

/** The shape and the word of a result; what was never asked has its own. */
export const checkLook = (status: Status | null): Look =>
  status === null ? { state: "pending", words: "not asked yet" } : byStatus[status];

/** Why something was asked, in words. */
export const occasionWords: Readonly<Record<CheckOfWhatRuns["occasion"], string>> = {
  deployment: "after a deployment",
  verification: "asked for by hand",
  bake: "while it was watched",
  schedule: "by the clock",
};
