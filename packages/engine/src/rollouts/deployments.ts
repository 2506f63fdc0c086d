import type { DeploymentPlan, Digest, Release, ReleaseId, RunId } from "@fairway/core";

/** How a deployment truly ended. */
export type DeploymentOutcome = "deployed" | "rolled-back";

/** The record of what ran where. Every write may be repeated with the same run. */
export interface Deployments {
  /** The release that an environment runs, as the last deployment there that was carried through left it. */
  current(environment: string): Promise<Release | null>;
  /** Environments in which this release was deployed and verified. */
  verifiedIn(release: ReleaseId): Promise<readonly string[]>;
  begin(run: RunId, plan: DeploymentPlan, digest: Digest, from: ReleaseId | null): Promise<void>;
  end(run: RunId, outcome: DeploymentOutcome): Promise<void>;
}
