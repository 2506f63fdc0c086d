import type { EcsPlacement, FencingToken } from "@fairway/core";
import { FairwayError, isStale } from "@fairway/core";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";

/**
 * Looks at a service for somebody who is to act on it: refuses whoever has been overtaken, and shuts out whoever comes from
 * before. A sentence where the service is not there.
 */
export async function takeHold(
  service: EcsService,
  placement: Pick<EcsPlacement, "service">,
  token: FencingToken,
  signal: AbortSignal | undefined,
): Promise<EcsLook | string> {
  const look = await service.look();
  if (typeof look === "string") return look;
  const { epoch } = look.marks;
  if (isStale(token, epoch))
    throw new FairwayError(
      "fenced",
      `${placement.service} on ECS was taken over: its epoch is ${epoch}, and ${token.holder} has ${token.epoch}`,
      {
        hint: "whoever has the higher epoch goes on; after a restore from a backup, take the tag fairway:epoch off the service",
      },
    );
  signal?.throwIfAborted();
  if (token.epoch > epoch) await service.mark(look, { epoch: token.epoch });
  return look;
}

/** Shuts out whoever comes from before. Throws `not_found` where the service is not there, and `fenced`. */
export async function fenceService(...asked: Parameters<typeof takeHold>): Promise<void> {
  const look = await takeHold(...asked);
  if (typeof look === "string") throw new FairwayError("not_found", look, { hint: "check `ecs` of the environment" });
}
