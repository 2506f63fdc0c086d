import type { EcsPlacement } from "@fairway/core";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";

/**
 * Whether the task definition of a rollout was asked for already, by somebody who could not say so any more: the id of its
 * deployment, or a word that no deployment has when ECS has taken it away again. Null when it was never asked for.
 */
export async function findBegun(
  service: EcsService,
  { cluster, service: name }: Pick<EcsPlacement, "cluster" | "service">,
  { deployments, marks }: EcsLook,
): Promise<string | null> {
  const mine = deployments.filter(({ taskDefinition }) => taskDefinition === marks.taskDefinition);
  const shown = mine.find(({ isPrimary }) => isPrimary) ?? mine[0];
  if (shown !== undefined) return shown.id;
  const ecs = await service.client();
  const { serviceDeployments = [] } = await ecs.listServiceDeployments({ cluster, service: name });
  const revisions = serviceDeployments.flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? []);
  if (revisions.length === 0) return null;
  const { serviceRevisions = [] } = await ecs.describeServiceRevisions({ serviceRevisionArns: revisions.slice(0, 20) });
  return serviceRevisions.some(({ taskDefinition }) => taskDefinition === marks.taskDefinition) ? goneDeployment : null;
}

/** Of a deployment that came and went while nobody looked. */
const goneDeployment = "gone";
