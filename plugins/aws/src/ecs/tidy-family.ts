import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
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
  const [, family] = /([^/:]+):\d+$/u.exec(taskDefinition) ?? [];
  if (family === undefined) return;
  if (revisionOf(taskDefinition) <= kept) return;
  const ecs = await service.client();
  const { taskDefinitionArns = [] } = await ecs.listTaskDefinitions({
    familyPrefix: family,
    status: "ACTIVE",
    sort: "DESC",
    maxResults: 100,
  });
  const needed = new Set([taskDefinition, marks.previous, marks.taskDefinition].filter((arn) => arn !== null));
  const newestFirst = taskDefinitionArns
    .filter((arn) => arn.includes(`/${family}:`))
    .toSorted((a, b) => revisionOf(b) - revisionOf(a));
  const old = dispensable(newestFirst, needed, kept);
  for (const candidate of [...old.slice(-looks).toReversed(), ...old.slice(0, 1)]) {
    const { marks: from } = await service.taskDefinition(candidate);
    // What people registered themselves is theirs.
    if (from.rollout === null) continue;
    await ecs.deregisterTaskDefinition({ taskDefinition: candidate });
    return;
  }
}

const revisionOf = (arn: string): number => Number(arn.slice(arn.lastIndexOf(":") + 1));
