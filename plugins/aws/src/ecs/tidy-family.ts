import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { dispensable } from "./task-definition.ts";

/** So many revisions of a family stay: what a way back may need, and what people compare. */
const kept = 20;

/** Takes the oldest revision of Fairway's own out of use; one at a time, so that a deployment makes few calls. */
export async function tidyFamily(service: EcsService, { taskDefinition, marks }: EcsLook): Promise<void> {
  const [, family] = /([^/:]+):\d+$/u.exec(taskDefinition) ?? [];
  if (family === undefined) return;
  const revision = Number(taskDefinition.slice(taskDefinition.lastIndexOf(":") + 1));
  if (revision <= kept) return;
  const ecs = await service.client();
  const { taskDefinitionArns = [] } = await ecs.listTaskDefinitions({
    familyPrefix: family,
    status: "ACTIVE",
    sort: "DESC",
    maxResults: 100,
  });
  const needed = new Set([taskDefinition, marks.previous, marks.taskDefinition].filter((arn) => arn !== null));
  const oldest = dispensable(taskDefinitionArns, needed, kept).at(-1);
  if (oldest === undefined) return;
  const { marks: from } = await service.taskDefinition(oldest);
  // What people registered themselves is theirs.
  if (from.rollout !== null) await ecs.deregisterTaskDefinition({ taskDefinition: oldest });
}
