import type { EcsPlacement, Facts, Progress, Rollout } from "@fairway/core";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";

/** What a shift of traffic is followed by. */
export interface ShiftParts {
  readonly placement: EcsPlacement;
  readonly memory: { readonly shifts: Map<string, string> };
}

/**
 * How far ECS's own blue/green, canary or linear deployment is. At a hook it waits for the checks of the new tasks or for a
 * person, and goes on when they have said yes. Null when it has ended: then the service says how.
 */
export async function shiftProgress(
  { placement, memory }: ShiftParts,
  service: EcsService,
  rollout: Rollout,
  look: EcsLook,
  facts: Facts,
): Promise<Progress | null> {
  const mine = look.deployments.find(({ id }) => id === look.marks.deployment);
  if (mine === undefined || mine.state !== "IN_PROGRESS" || !mine.isPrimary) return null;
  const ecs = await service.client();
  const arn = memory.shifts.get(rollout.id) ?? (await shiftUnderWay(service, placement));
  if (arn === null) return null;
  memory.shifts.set(rollout.id, arn);
  const { serviceDeployments: [shift] = [] } = await ecs.describeServiceDeployments({ serviceDeploymentArns: [arn] });
  if (shift === undefined) return null;
  const weight = Math.round(shift.targetServiceRevision?.requestedProductionTrafficWeight ?? 0);
  const moving = (message: string): Extract<Progress, { phase: "moving" }> => ({
    phase: "moving",
    message,
    checkAgainIn: placement.poll,
    weight,
  });
  const waiting = (shift.lifecycleHookDetails ?? []).find(({ status }) => status === "AWAITING_ACTION");
  const stage = shift.lifecycleStage ?? "its first stage";
  if (waiting?.hookId === undefined) return moving(`ECS is at ${stage}, ${weight} % of the traffic`);
  const { strategy } = rollout;
  const asks = strategy.name === "canary" && strategy.steps[0]?.pause === "approval";
  if (facts.candidateChecks === "pending") return { ...moving("waiting for the checks"), wants: "checks" };
  if (asks && !facts.approved.includes(weight))
    return { ...moving("waiting for a person"), asks: `go on with ${rollout.to} from ${weight} % of the traffic?` };
  const isWell = facts.candidateChecks === "passed";
  await ecs.continueServiceDeployment({
    serviceDeploymentArn: arn,
    hookId: waiting.hookId,
    action: isWell ? "CONTINUE" : "ROLLBACK",
  });
  return moving(isWell ? `ECS goes on from ${stage}` : "the checks failed; ECS goes back");
}

async function shiftUnderWay(
  service: EcsService,
  { cluster, service: name }: Pick<EcsPlacement, "cluster" | "service">,
): Promise<string | null> {
  const ecs = await service.client();
  const { serviceDeployments = [] } = await ecs.listServiceDeployments({
    cluster,
    service: name,
    status: ["PENDING", "IN_PROGRESS"],
  });
  return serviceDeployments[0]?.serviceDeploymentArn ?? null;
}
