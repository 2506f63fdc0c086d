import type { DeploymentReason } from "../deployment/plan.ts";
import type { Digest, ReleaseId, RunId } from "../ids.ts";
import type { Timestamp } from "../units.ts";

/** A digest that nothing and nobody deploys until a named person lifts it. */
export interface Quarantine {
  readonly digest: Digest;
  /** The release by which it came to be there; others with the same digest are in quarantine with it. */
  readonly release: ReleaseId;
  readonly reason: string;
  /** Who put it there; `fairway` where that was a deployment that failed. */
  readonly by: string;
  readonly at: Timestamp;
  readonly cause: QuarantineCause;
  /** The deployment by which it came to be there, and where; null where a person said so. */
  readonly run: RunId | null;
  readonly environment: string | null;
}

/** What puts a release into quarantine: a way back from it, a deployment of it that failed, or a person's word. */
export type QuarantineCause = "rollback" | "failure" | "person";

/** How a deployment left its environment, as far as it matters for quarantine. */
export interface Ending {
  readonly reason: DeploymentReason;
  /** The environment runs what it was to run. */
  readonly carriedThrough: boolean;
  /** A rollout or the verification said no: the breaker opened, an analysis failed, a check was not green. */
  readonly answeredNo: boolean;
  /** The release was there before what ran, so that it is a way back and not a way forward again. */
  readonly stoodBefore: boolean;
  /** Of what ran before; null where nothing did. */
  readonly left: Digest | null;
  readonly tried: Digest;
  /** What the environment wants to be a cause; a person's rollback always is. */
  readonly causes: "failures" | "rollbacks";
}

/**
 * Which digest a deployment puts into quarantine as it ends, and why; null for none. What an environment runs is never
 * put there by a deployment that failed, nor is the release that a rollback went to.
 */
export function quarantinedBy(ending: Ending): { readonly digest: Digest; readonly cause: QuarantineCause } | null {
  const { reason, carriedThrough, answeredNo, stoodBefore, left, tried, causes } = ending;
  if (left === tried) return null;
  if (reason === "rollback")
    return carriedThrough && stoodBefore && left !== null ? { digest: left, cause: "rollback" } : null;
  return !carriedThrough && answeredNo && causes === "failures" ? { digest: tried, cause: "failure" } : null;
}

/** Why a release may not be deployed, as a sentence; without a name for one that is about to be made. */
export function quarantineSentence(release: ReleaseId | null, { release: known, by, at, reason }: Quarantine): string {
  const since = `in quarantine since ${at.slice(0, 16).replace("T", " ")} UTC by ${by}: ${reason}`;
  return release === known
    ? `${known} is ${since}`
    : `${release ?? "it"} has the same digest as ${known}, which is ${since}`;
}

/** What a person can do about it. */
export const quarantineHint = (release: ReleaseId): string =>
  `when it is safe, lift it with your reason: fairway quarantine lift ${release} --reason "…"`;
