import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { familyOf, newestOfFamily, revisionOf } from "./family-of.ts";
import { dispensable } from "./task-definition.ts";

/** So many revisions of a family stay: what a way back may need, and what people compare. */
const kept = 20;

/** So many of the oldest are looked at for one of Fairway's own; each costs a call once. */
const looks = 3;

/**
 * Takes an old revision of Fairway's own out of use; one at a time, so that a deployment makes few calls. Where the oldest are
 * people's own, which stay, it is the one that a newer one has just made dispensable.
 */
export async function tidyFamily(service: EcsService, { taskDefinition, marks }: EcsLook): Promise<void> {
  const family = familyOf(taskDefinition);
  if (family === null || revisionOf(taskDefinition) <= kept) return;
  const needed = new Set([taskDefinition, marks.previous, marks.taskDefinition].filter((arn) => arn !== null));
  const old = dispensable(await newestOfFamily(service, family), needed, kept);
  for (const candidate of [...old.slice(-looks).toReversed(), ...old.slice(0, 1)]) {
    const { marks: from } = await service.taskDefinition(candidate);
    // What people registered themselves is theirs.
    if (from.rollout === null) continue;
    const ecs = await service.client();
    await ecs.deregisterTaskDefinition({ taskDefinition: candidate });
    return;
  }
}
