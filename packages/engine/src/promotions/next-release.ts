import type { DeploymentPlan, Environment, Release, ReleaseId } from "@fairway/core";
import { planDeployment } from "@fairway/core";
import type { ControlPlaneParts } from "./control-plane.ts";

/** What a deployment without a named release would bring, and what stands in its way. */
export type NextRelease = Pick<DeploymentPlan, "release" | "approvals" | "obstacles">;

/**
 * What an environment would be brought next, which is the candidate where one is known; null when there is nothing. Told from
 * the ledger alone: no database of a service is asked, so that it can be asked all the time; what those would say, a plan
 * tells.
 */
export async function nextRelease(
  {
    releases,
    deployments,
    sourceProblems,
    heldBy,
  }: Pick<ControlPlaneParts, "releases" | "deployments" | "sourceProblems" | "heldBy">,
  { name, promotesFrom }: Pick<Environment, "name" | "promotesFrom">,
  current: ReleaseId | null,
  candidate?: Release | null,
): Promise<NextRelease | null> {
  const looked = (): Promise<Release | null> =>
    promotesFrom === null ? releases.newest() : deployments.current(promotesFrom);
  const release = candidate === undefined ? await looked() : candidate;
  if (release === null) return null;
  if (release.id === current) return { release: current, approvals: 0, obstacles: [] };
  const [verifiedIn, lostIn = [], quarantine, problems = [], held = []] = await Promise.all([
    deployments.verifiedIn(release.id),
    deployments.lostIn?.(release.id),
    deployments.quarantine(release.digest),
    sourceProblems?.(release.project, name, release.revision.sha),
    heldBy?.({ release: release.id, environment: name, remedies: [] }),
  ]);
  const { approvals, obstacles } = planDeployment({
    release,
    running: null,
    environment: name,
    reason: promotesFrom === null ? "deploy" : "promotion",
    verifiedIn,
    lostIn,
    quarantine,
    sourceProblems: [...problems, ...held],
  });
  return { release: release.id, approvals, obstacles };
}
