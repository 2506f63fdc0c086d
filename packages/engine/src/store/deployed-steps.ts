import type { DeploymentReason, ReleaseId, RunId } from "@fairway/core";
import type { LeftRelease } from "./left-warm.ts";

/** One deployment that was carried through. */
export interface DeployedStep {
  readonly run: RunId;
  readonly release: ReleaseId;
  readonly from: ReleaseId | null;
  readonly reason: DeploymentReason;
  /** The services that moved; null where all did. */
  readonly only: readonly string[] | null;
  /** As the database writes a time in JSON. */
  readonly ended: string;
}

/**
 * SQL of `steps`: how an environment came to run what it runs, from the last deployment of all of it on, the oldest first. Null
 * where nothing was ever carried through.
 */
export const deployedSteps = (environment: string): string =>
  `select json_agg(json_build_object('run', run, 'release', release, 'from', from_release, 'reason', reason,
     'only', only_services, 'ended', ended_at) order by place) as steps
   from fairway.deployments where environment = ${environment} and outcome = 'deployed' and place >= (
     select max(place) from fairway.deployments
     where environment = ${environment} and outcome = 'deployed' and only_services is null)`;

/** Which release each service runs that does not run the environment's own, after rollbacks of single services. */
export function mixedBy(
  steps: readonly Pick<DeployedStep, "release" | "only">[],
): ReadonlyMap<string, DeployedStep["release"]> {
  const own = steps[0]?.release;
  const mixed = new Map<string, ReleaseId>();
  for (const { release, only } of steps)
    for (const service of only ?? []) {
      mixed.delete(service);
      if (release !== own) mixed.set(service, release);
    }
  return mixed;
}

/** What the last deployment that was carried through may have left running; null when it replaced nothing. */
export function leftBy(
  last: Pick<DeployedStep, "release" | "from" | "reason" | "ended"> | undefined,
): LeftRelease | null {
  if (!last || last.from === null || last.from === last.release) return null;
  return { release: last.from, since: new Date(last.ended).toISOString(), isBad: last.reason === "rollback" };
}
