import type { DeploymentPlan, Release } from "@fairway/core";
import { environmentOf, stacksIn } from "@fairway/core";
import type { JobPlan } from "../runs/stage.ts";
import { infrastructureJobs } from "./stack-jobs.ts";

/**
 * The jobs by which a deployment brings the infrastructure of its release: none where the release has none, and none for
 * single services. On a way back it is the earlier release's code, planned against the state as it is now, once the services
 * are back: a state is never put back, for the world would not follow it.
 */
export function deploymentStacks(
  plan: Pick<DeploymentPlan, "environment" | "reason" | "only">,
  release: Release,
  needs: readonly string[],
): { readonly jobs: readonly JobPlan[]; readonly last: readonly string[] } {
  if (plan.only !== undefined) return { jobs: [], last: [] };
  return infrastructureJobs({
    stacks: stacksIn(release.project.infrastructure, plan.environment),
    environment: plan.environment,
    commit: release.revision.sha,
    release: release.id,
    mode: "change",
    // A way back is not held up, but what it would take away is asked about.
    approvals: plan.reason === "rollback" ? 0 : (environmentOf(release.project, plan.environment)?.approvals ?? 0),
    needs,
  });
}
