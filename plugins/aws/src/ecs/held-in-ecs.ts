import type { EcsPlacement, Progress, Rollout } from "@fairway/core";
import { deploymentConfiguration } from "./deployment-configuration.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { primaryOf } from "./ecs-verdict.ts";
import { takeHold } from "./take-hold.ts";

/** What holding needs. */
export interface HoldParts {
  readonly placement: EcsPlacement;
  readonly memory: { readonly held: Map<string, { readonly at: number; readonly progress: Progress }> };
  readonly signal?: AbortSignal | undefined;
}

/**
 * Leaves a rollout where it is while a person holds it. ECS has no word for that: in a rolling deployment both bounds are set
 * to 100, between which ECS can neither start nor stop a task ("unable to stop or start tasks during a deployment because of
 * the service deployment configuration"). A shift of traffic stands at its hook, and else goes on by itself, which is told. AWS
 * is asked once in a poll interval, however often this is called.
 */
export async function heldInEcs(parts: HoldParts, service: EcsService, rollout: Rollout): Promise<Progress> {
  const { placement, memory } = parts;
  const before = memory.held.get(rollout.id);
  if (before !== undefined && Date.now() - before.at < placement.poll) return before.progress;
  const look = await takeHold(service, placement, rollout.token, parts.signal);
  const progress: Progress = {
    phase: "moving",
    message: typeof look === "string" ? look : await stand(service, rollout, look),
    checkAgainIn: placement.poll,
  };
  memory.held.set(rollout.id, { at: Date.now(), progress });
  return progress;
}

async function stand(service: EcsService, rollout: Rollout, look: EcsLook): Promise<string> {
  const { marks } = look;
  if (marks.rollout !== rollout.id || marks.deployment === null) return "nothing of it has begun at ECS";
  const primary = primaryOf(look);
  if (primary?.id !== marks.deployment || primary.state !== "IN_PROGRESS") return "ECS has ended it, or goes back";
  if (rollout.strategy.name !== "rolling" && rollout.strategy.name !== "recreate")
    return "ECS goes on by itself to its next hook";
  if (marks.held !== rollout.id) {
    await service.mark(look, { held: rollout.id });
    await service.update({ deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } });
  }
  return `ECS stands: ${primary.running} of ${look.desired} new tasks run`;
}

/** Gives a rollout that was held its own bounds again, and then only says that it is held no more. */
export async function letGo(
  service: EcsService,
  placement: Pick<EcsPlacement, "alarms">,
  rollout: Rollout,
  look: EcsLook,
): Promise<EcsLook> {
  if (look.marks.held !== rollout.id) return look;
  await service.update({ deploymentConfiguration: deploymentConfiguration(rollout, placement) });
  await service.mark(look, { held: null });
  return { ...look, marks: { ...look.marks, held: null } };
}
