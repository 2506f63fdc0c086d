import type { Progress, Rollout } from "@fairway/core";
import { deploymentConfiguration } from "./deployment-configuration.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import type { BeginParts } from "./prepare-rollout.ts";
import { prepareRollout } from "./prepare-rollout.ts";

/**
 * Prepares a rollout and asks ECS for it. Called again after a crash it does what is left: the same task definition asked for
 * twice is one deployment to ECS. Answers with the service as it is then, or with why it was refused.
 */
export async function beginEcs(
  parts: BeginParts,
  service: EcsService,
  rollout: Rollout,
  look: EcsLook,
): Promise<EcsLook | Progress> {
  const { placement } = parts;
  const prepared = await prepareRollout(parts, service, rollout, look);
  if ("phase" in prepared) return prepared;
  const { mine, marks } = prepared;
  if (prepared.isBegun) return { ...look, marks };
  const updated = await service.update({
    taskDefinition: mine,
    deploymentConfiguration: deploymentConfiguration(rollout, placement),
    // Never fewer than there are: whoever scales the service may know better than the configuration.
    ...(look.desired < rollout.desired ? { desiredCount: rollout.desired } : {}),
  });
  const deployment = updated.deployments.find(
    ({ id, taskDefinition }) => id !== marks.before && taskDefinition === mine,
  );
  if (deployment === undefined) return { ...updated, marks };
  await service.mark(look, { deployment: deployment.id });
  return { ...updated, marks: { ...marks, deployment: deployment.id } };
}
