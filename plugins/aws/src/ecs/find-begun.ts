import type { EcsPlacement } from "@fairway/core";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { serviceDeployments } from "./service-deployments.ts";

/**
 * Whether the task definition of a rollout was asked for already, by somebody who could not say so any more: the id of its
 * deployment, or a word that no deployment has when ECS has taken it away again. Null when it was never asked for.
 */
export async function findBegun(
  service: EcsService,
  placement: Pick<EcsPlacement, "cluster" | "service">,
  { deployments, marks }: EcsLook,
): Promise<string | null> {
  const mine = deployments.filter(({ taskDefinition }) => taskDefinition === marks.taskDefinition);
  const shown = mine.find(({ isPrimary }) => isPrimary) ?? mine[0];
  if (shown !== undefined) return shown.id;
  const ecs = await service.client();
  const found = await serviceDeployments(ecs, placement);
  const revisions = found.flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? []);
  for (let first = 0; first < revisions.length; first += mostRevisions) {
    const some = revisions.slice(first, first + mostRevisions);
    const { serviceRevisions = [] } = await ecs.describeServiceRevisions({ serviceRevisionArns: some });
    if (serviceRevisions.some(({ taskDefinition }) => taskDefinition === marks.taskDefinition)) return goneDeployment;
  }
  return null;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html */
const mostRevisions = 20;

/** Of a deployment that came and went while nobody looked. */
const goneDeployment = "gone";
