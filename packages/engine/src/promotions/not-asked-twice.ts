import type { Digest, ReleaseId, RunId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { OpenDeployment } from "../store/open-deployments.ts";

/** What is about to be asked for. */
export interface Wish {
  readonly environment: string;
  readonly release: ReleaseId;
  readonly digest: Digest;
}

/**
 * What of the deployments that people are still asked about a new one takes the place of: those of the same release, which
 * ask about something that would not happen any more. Throws `not_allowed_now` where one asks about exactly the same: a
 * second question would be answered by some here, and by others there.
 */
export function overtakenQuestions(
  { environment, release, digest }: Wish,
  open: readonly OpenDeployment[],
): readonly RunId[] {
  const asking = open.filter((one) => one.asks && !one.isRollback && one.release === release);
  const same = asking.find((one) => one.digest === digest);
  if (same !== undefined)
    throw new FairwayError("not_allowed_now", `${same.run} asks already for ${release} to go to ${environment}`, {
      hint: `approve it: fairway approve ${same.run}; or take it back: fairway stop ${same.run}`,
    });
  return asking.map(({ run }) => run);
}
