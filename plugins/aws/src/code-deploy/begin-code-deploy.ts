import type { CodeDeployGroup, EcsPlacement, Rollout } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { EcsLook } from "../ecs/ecs-look.ts";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { appSpec } from "./app-spec.ts";
import { deploymentDescribed } from "./code-deploy-status.ts";

/** What a deployment of CodeDeploy is asked for. */
export interface CodeDeployWish {
  /** Names the rollout: whoever comes after a crash finds the deployment by it. */
  readonly description: string;
  readonly taskDefinition: string;
  readonly configuration: string;
  /** On the way back nobody is called, and CodeDeploy may not bring the worse release again. */
  readonly isBack: boolean;
}

/**
 * Asks CodeDeploy for a deployment, unless it was asked for already. The id; null while another of the same group is under way,
 * which CodeDeploy itself refuses a second beside.
 */
export async function beginCodeDeploy(
  session: AwsSession,
  { codeDeploy, alarms }: { readonly codeDeploy: CodeDeployGroup } & Pick<EcsPlacement, "alarms">,
  { balanced }: Pick<EcsLook, "balanced">,
  wish: CodeDeployWish,
): Promise<string | null> {
  const before = await deploymentDescribed(session, codeDeploy, wish.description);
  if (before !== null) return before.id;
  if (balanced === null)
    throw new FairwayError("not_allowed_now", "the service has no load balancer, and CodeDeploy moves none without", {
      hint: "give the service a load balancer with two target groups, or ECS's own deployment controller",
    });
  const { content, sha256 } = appSpec({
    taskDefinition: wish.taskDefinition,
    container: balanced.container,
    port: balanced.port,
    hooks: wish.isBack ? {} : codeDeploy.hooks,
  });
  const client = await session.codeDeploy();
  try {
    const { deploymentId } = await client.createDeployment({
      applicationName: codeDeploy.application,
      deploymentGroupName: codeDeploy.group,
      deploymentConfigName: wish.configuration,
      description: wish.description,
      revision: { revisionType: "AppSpecContent", appSpecContent: { content, sha256 } },
      autoRollbackConfiguration: wish.isBack
        ? { enabled: false }
        : {
            enabled: true,
            events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
          },
      ...(alarms.length === 0 || wish.isBack
        ? {}
        : { overrideAlarmConfiguration: { enabled: true, alarms: alarms.map((name) => ({ name })) } }),
    });
    return deploymentId ?? null;
  } catch (thrown) {
    if (awsErrorName(thrown) === "DeploymentLimitExceededException") return null;
    throw thrown;
  }
}

/** By what a rollout's deployment is found again. */
export const describedAs = ({ id }: Pick<Rollout, "id">, isBack: boolean): string =>
  `fairway ${id}${isBack ? ":back" : ""}`;
