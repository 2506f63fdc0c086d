import type { ECS, ServiceDeployment, DeploymentLifecycleHookDetail } from "@aws-sdk/client-ecs";
import type { EcsPlacement, Facts, Progress, Rollout } from "@fairway/core";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { serviceDeployments } from "./service-deployments.ts";

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
  return shiftMoves(placement, ecs, rollout, shift, facts);
}

/**
 * The same of a shift that this process follows already, in one call; it acts on nothing. Null when more is to be known: at a
 * hook, at its end, or when it is not followed yet.
 */
export async function watchShift(
  { placement, memory }: ShiftParts,
  service: EcsService,
  rollout: Rollout,
): Promise<Progress | null> {
  const arn = memory.shifts.get(rollout.id);
  if (arn === undefined) return null;
  const ecs = await service.client();
  const { serviceDeployments: [shift] = [] } = await ecs.describeServiceDeployments({ serviceDeploymentArns: [arn] });
  return shift?.status === "IN_PROGRESS" && hookOf(shift) === undefined ? movingShift(placement, shift) : null;
}

/** The hook at which it waits for an answer. */
const hookOf = ({ lifecycleHookDetails = [] }: ServiceDeployment): DeploymentLifecycleHookDetail | undefined =>
  lifecycleHookDetails.find(({ status }) => status === "AWAITING_ACTION");

const weightOf = ({ targetServiceRevision }: ServiceDeployment): number =>
  Math.round(targetServiceRevision?.requestedProductionTrafficWeight ?? 0);

const movingShift = ({ poll }: Pick<EcsPlacement, "poll">, shift: ServiceDeployment): Moving => ({
  phase: "moving",
  message: `ECS is at ${shift.lifecycleStage ?? "its first stage"}, ${weightOf(shift)} % of the traffic`,
  checkAgainIn: poll,
  weight: weightOf(shift),
});

type Moving = Extract<Progress, { phase: "moving" }>;

async function shiftMoves(
  placement: Pick<EcsPlacement, "poll">,
  ecs: Pick<ECS, "continueServiceDeployment">,
  rollout: Rollout,
  shift: ServiceDeployment,
  facts: Facts,
): Promise<Progress> {
  const weight = weightOf(shift);
  const moving = (message: string): Moving => ({ ...movingShift(placement, shift), message });
  const waiting = hookOf(shift);
  if (waiting?.hookId === undefined) return movingShift(placement, shift);
  const stage = shift.lifecycleStage ?? "its first stage";
  const { strategy } = rollout;
  const asks = strategy.name === "canary" && strategy.steps[0]?.pause === "approval";
  if (facts.candidateChecks === "pending") return { ...moving("waiting for the checks"), wants: "checks" };
  if (asks && !facts.approved.includes(weight))
    return { ...moving("waiting for a person"), asks: `go on with ${rollout.to} from ${weight} % of the traffic?` };
  const isWell = facts.candidateChecks === "passed";
  await ecs.continueServiceDeployment({
    serviceDeploymentArn: shift.serviceDeploymentArn,
    hookId: waiting.hookId,
    action: isWell ? "CONTINUE" : "ROLLBACK",
  });
  return moving(isWell ? `ECS goes on from ${stage}` : "the checks failed; ECS goes back");
}

async function shiftUnderWay(
  service: EcsService,
  placement: Pick<EcsPlacement, "cluster" | "service">,
): Promise<string | null> {
  const [underWay] = await serviceDeployments(await service.client(), placement, ["PENDING", "IN_PROGRESS"]);
  return underWay?.serviceDeploymentArn ?? null;
}
