import type { EcsPlacement, Rollout } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import { allPages } from "../session/all-pages.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { shiftConfiguration } from "./shift-configuration.ts";

/** What of a deployment group stands in the way of a rollout, a sentence each. */
export interface GroupProblems {
  readonly lasting: readonly string[];
  /** What may be gone by itself. */
  readonly forNow: readonly string[];
}

/** What of a deployment group stands in the way of a rollout. Reads, and changes nothing. */
export async function groupProblems(
  session: AwsSession,
  { codeDeploy, cluster, service }: Pick<EcsPlacement, "codeDeploy" | "cluster" | "service">,
  rollout: Pick<Rollout, "strategy">,
): Promise<GroupProblems> {
  if (codeDeploy === null) return { lasting: [], forNow: [] };
  const { application, group } = codeDeploy;
  const name = `${application}/${group}`;
  const client = await session.codeDeploy();
  const found: string[] = [];
  const shift = shiftConfiguration(rollout, codeDeploy);
  if ("problem" in shift) found.push(shift.problem);
  try {
    const { deploymentGroupInfo: info = {} } = await client.getDeploymentGroup({
      applicationName: application,
      deploymentGroupName: group,
    });
    const moves = info.ecsServices ?? [];
    if (!moves.some(({ clusterName, serviceName }) => clusterName === cluster && serviceName === service))
      found.push(
        `the deployment group ${name} moves ${moves.map(({ serviceName }) => serviceName).join(", ") || "no service of ECS"}, and not ${service} of cluster ${cluster}`,
      );
    const waits = info.blueGreenDeploymentConfiguration?.deploymentReadyOption?.actionOnTimeout === "STOP_DEPLOYMENT";
    if (asks(rollout) && !waits)
      found.push(
        `${service} is to be checked before it gets traffic, and the deployment group ${name} goes on by itself; give it deploymentReadyOption STOP_DEPLOYMENT with a time to wait`,
      );
  } catch (thrown) {
    if (!missing.has(awsErrorName(thrown) ?? "")) throw thrown;
    found.push(
      `there is no deployment group ${name} in ${session.access.region}; was it deleted, or is it another region?`,
    );
    return { lasting: found, forNow: [] };
  }
  const deployments = await allPages(async (nextToken) => {
    const page = await client.listDeployments({
      applicationName: application,
      deploymentGroupName: group,
      includeOnlyStatuses: ["Created", "Queued", "InProgress", "Baking", "Ready"],
      nextToken,
    });
    return { items: page.deployments, next: page.nextToken };
  });
  const underWay = `deployment ${deployments[0]} of ${name} is under way, and Fairway did not begin it; wait for it, or stop it`;
  return { lasting: found, forNow: deployments.length > 0 ? [underWay] : [] };
}

/** Whether somebody is to look at the new tasks, or to be asked, before they get traffic. */
export const asks = ({ strategy }: Pick<Rollout, "strategy">): boolean =>
  ("verifyFirst" in strategy && strategy.verifyFirst === true) ||
  (strategy.name === "canary" && strategy.steps[0]?.pause === "approval");

const missing: ReadonlySet<string> = new Set([
  "ApplicationDoesNotExistException",
  "DeploymentGroupDoesNotExistException",
]);
