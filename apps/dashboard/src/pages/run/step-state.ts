import type { JobShape } from "@fairway/api";
import type { State } from "@fairway/core";

type Step = JobShape["steps"][number];

/**
 * How a step is to look. A step is done once what came of it is on record, also when that is a no; it is the job that says no
 * then, so the last step that began looks as the job does.
 */
export function stepState({ state, steps }: Pick<JobShape, "state" | "steps">, step: Step): State {
  const isNo = state === "failed" || state === "errored";
  if (!isNo || steps.some((each) => each.state === "failed" || each.state === "errored")) return step.state;
  return step === steps.findLast(({ startedAt }) => startedAt !== null) ? state : step.state;
}
