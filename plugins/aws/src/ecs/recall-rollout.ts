import type { Rollout } from "@fairway/core";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { newestOfFamily } from "./family-of.ts";
import type { ServiceMarks } from "./service-marks.ts";

/** The marks of a rollout that has begun. */
export type BegunMarks = ServiceMarks & { readonly taskDefinition: string };

/**
 * What the tags of a service would say of a rollout that has begun, read from the task definitions that the service has, whose
 * tags never change; null where it has not begun. Terraform takes tags off where it has tags of its own, and a copy may be
 * older than the beginning. CodeDeploy numbers its deployments itself, so of one the id is not known.
 */
export async function recallRollout(
  service: EcsService,
  rollout: Pick<Rollout, "id">,
  look: EcsLook,
): Promise<BegunMarks | null> {
  for (const { id, taskDefinition } of look.deployments) {
    const { marks } = await service.taskDefinition(taskDefinition);
    if (marks.rollout !== rollout.id) continue;
    return asBegun(look, rollout, {
      taskDefinition,
      previous: marks.replaces,
      deployment: look.controller === "CODE_DEPLOY" ? null : id,
    });
  }
  return null;
}

/** The marks of a rollout of which only this is known any more. */
export const asBegun = (
  { marks }: EcsLook,
  { id: rollout }: Pick<Rollout, "id">,
  known: Pick<BegunMarks, "taskDefinition" | "previous" | "deployment">,
): BegunMarks => ({ ...marks, rollout, before: null, desired: null, back: null, held: null, ...known });

/**
 * What somebody has registered for a rollout already, who could not say so any more or whose word has not come round yet; null
 * where nobody has. To ask ECS or CodeDeploy for the same one again begins nothing twice.
 */
export async function registeredFor(
  service: EcsService,
  { id, to }: Pick<Rollout, "id" | "to">,
  family: string,
): Promise<string | null> {
  const [newest] = await newestOfFamily(service, family);
  if (newest === undefined) return null;
  const { marks } = await service.taskDefinition(newest);
  return marks.rollout === id && marks.release === to ? newest : null;
}
