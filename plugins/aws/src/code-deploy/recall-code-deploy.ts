import type { CodeDeployGroup, EcsPlacement, Rollout } from "@fairway/core";
import type { EcsLook } from "../ecs/ecs-look.ts";
import type { EcsService } from "../ecs/ecs-service.ts";
import { asBegun, recallRollout } from "../ecs/recall-rollout.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { describedAs } from "./begin-code-deploy.ts";
import { deploymentDescribed } from "./code-deploy-status.ts";

/** What finding a deployment again needs. */
export interface RecallParts {
  readonly session: AwsSession;
  readonly placement: EcsPlacement & { readonly codeDeploy: CodeDeployGroup };
}

/**
 * A service as its tags would have it had they not been taken away, or read from a copy that is older: by CodeDeploy's own
 * record of a rollout, and by the marks of task definitions. Unchanged where the tags say it all, or the rollout has not begun.
 */
export async function recallCodeDeploy(
  { session, placement }: RecallParts,
  service: EcsService,
  rollout: Rollout,
  look: EcsLook,
): Promise<EcsLook> {
  const { marks } = look;
  const isOurs = marks.rollout === rollout.id || marks.rollout === `${rollout.id}:back`;
  if (isOurs && marks.deployment !== null) return look;
  const found = await deploymentDescribed(session, placement.codeDeploy, describedAs(rollout, false));
  if (isOurs) {
    if (found === null) return look;
    // Whoever was answered from an older copy may have registered another one since.
    const known = { deployment: found.id, taskDefinition: found.taskDefinition ?? marks.taskDefinition };
    await service.mark(look, known);
    return { ...look, marks: { ...marks, ...known } };
  }
  const begun =
    found === null || found.taskDefinition === null
      ? await recallRollout(service, rollout, look)
      : asBegun(look, rollout, {
          taskDefinition: found.taskDefinition,
          previous: (await service.taskDefinition(found.taskDefinition)).marks.replaces,
          deployment: found.id,
        });
  if (begun === null) return look;
  const known = { ...begun, deployment: found?.id ?? begun.deployment };
  await service.mark(look, known);
  return { ...look, marks: known };
}
