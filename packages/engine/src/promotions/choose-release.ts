import type { Environment, Release } from "@fairway/core";
import { FairwayError } from "@fairway/core";

/** What there is to choose from. */
export interface Choice {
  readonly newest: Release | null;
  /** What the environment before runs, verified; null when it runs nothing or there is none before. */
  readonly verifiedBefore: Release | null;
}

/** The release that a deployment without one named means. Throws `not_found` with what to do first. */
export function chooseRelease(environment: Environment, choice: Choice): Release {
  if (environment.promotesFrom !== null)
    return must(
      choice.verifiedBefore,
      `${environment.promotesFrom} has not verified any release yet`,
      `deploy one there first: fairway deploy ${environment.promotesFrom}`,
    );
  return must(choice.newest, "there is no release yet", "make one with: fairway release");
}

function must(release: Release | null, message: string, hint: string): Release {
  if (release) return release;
  throw new FairwayError("not_found", message, { hint });
}
