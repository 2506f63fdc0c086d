import type { EcsPlacement, Progress, Rollout } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import { wayBackConfiguration } from "./deployment-configuration.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { backVerdict, primaryOf, shortOf } from "./ecs-verdict.ts";
import { recallRollout } from "./recall-rollout.ts";
import { serviceDeployments } from "./service-deployments.ts";
import { derivedFrom } from "./task-definition.ts";

/** How a way back goes: to its end, or what is done meanwhile. */
export type Back = Exclude<Progress, { phase: "moving" }> | { readonly message: string };

const done: Back = { phase: "succeeded" };

/**
 * Brings back what ran before a rollout. In flight ECS is told to roll back, which is quickest; afterwards the old task
 * definition is asked for, registered again where it is inactive. What somebody else began meanwhile is left alone.
 */
export async function bringBack(
  service: EcsService,
  placement: Pick<EcsPlacement, "cluster" | "service">,
  memory: { readonly stopped: Set<string> },
  rollout: Rollout,
  seen: EcsLook,
): Promise<Back> {
  const back = `${rollout.id}:back`;
  let look = seen;
  if (look.marks.rollout !== rollout.id && look.marks.rollout !== back) {
    const begun = await recallRollout(service, rollout, look);
    if (begun === null) return neverBegan(service, rollout, look);
    look = { ...look, marks: begun };
    await service.mark(look, begun);
  }
  const { marks } = look;
  if (marks.rollout === rollout.id) await service.mark(look, { rollout: back });
  switch (backVerdict(look, marks)) {
    case "back":
      return done;
    case "moving":
      return { message: `ECS brings ${shortOf(marks.previous ?? "")} back` };
    case "failed":
      return { phase: "failed", reason: `the way back failed too: ${primaryOf(look)?.reason ?? ""}` };
    case "somebody else's":
      return somebodyElses(placement, primaryOf(look)?.taskDefinition ?? "");
    case "not begun":
      return begin(service, placement, memory, rollout, look);
  }
}

/** A service that had not begun to move is left alone; one that is to end gets no tasks any more. */
export async function neverBegan(service: EcsService, rollout: Rollout, look: EcsLook): Promise<Back> {
  const primary = primaryOf(look);
  if (rollout.from !== null || primary === undefined || rollout.desired > 0) return done;
  const { marks } = await service.taskDefinition(primary.taskDefinition);
  if (marks.release !== rollout.to) return done;
  if (look.desired > 0) await service.update({ desiredCount: 0 });
  return primary.running + primary.pending === 0 ? done : { message: "ECS ends its tasks" };
}

async function begin(
  service: EcsService,
  placement: Pick<EcsPlacement, "cluster" | "service">,
  memory: { readonly stopped: Set<string> },
  rollout: Rollout,
  look: EcsLook,
): Promise<Back> {
  const { marks } = look;
  const primary = primaryOf(look);
  const { previous, desired } = marks;
  if (previous === null) return { phase: "failed", reason: `nobody wrote down what ${placement.service} ran before` };
  const newest = await newestDeployment(service, placement);
  if (newest !== null && newest.taskDefinition !== marks.taskDefinition && newest.taskDefinition !== previous)
    return somebodyElses(placement, newest.taskDefinition);
  if (memory.stopped.has(rollout.id)) {
    if (newest === null || !endedWithoutBack.has(newest.status))
      return { message: `ECS is to bring ${shortOf(previous)} back` };
    // ECS was told to go back and could not, or only stopped: nothing more comes of that, so the old one is asked for.
    memory.stopped.delete(rollout.id);
  }
  const hasOld = look.deployments.some(({ taskDefinition }) => taskDefinition === previous);
  if (primary?.state === "IN_PROGRESS" && hasOld && desired !== 0 && (await stopInFlight(service, newest))) {
    memory.stopped.add(rollout.id);
    return { message: `ECS was told to go back to ${shortOf(previous)}` };
  }
  const wanted = await activeAgain(service, previous);
  if (wanted !== previous) await service.mark(look, { previous: wanted });
  await service.update({
    taskDefinition: wanted,
    deploymentConfiguration: wayBackConfiguration(rollout),
    ...(desired !== null && desired !== look.desired ? { desiredCount: desired } : {}),
  });
  return { message: `ECS was asked for ${shortOf(wanted)} again` };
}

/** Nothing of somebody else's is taken away. */
export const somebodyElses = ({ service }: Pick<EcsPlacement, "service">, taskDefinition: string): Back => ({
  phase: "failed",
  reason: `${service} runs ${shortOf(taskDefinition)}, which somebody else deployed meanwhile; it was left as it is`,
});

interface NewestDeployment {
  readonly arn: string;
  readonly status: string;
  readonly taskDefinition: string;
}

/**
 * What ECS was asked for last, by its own record: it cannot be told to change something only if nobody else has, so that is
 * looked at a second way right before. Null where ECS has no record.
 */
async function newestDeployment(
  service: EcsService,
  placement: Pick<EcsPlacement, "cluster" | "service">,
): Promise<NewestDeployment | null> {
  const ecs = await service.client();
  const [newest] = await serviceDeployments(ecs, placement);
  const { serviceDeploymentArn: arn, targetServiceRevisionArn: revision, status = "" } = newest ?? {};
  if (arn === undefined || revision === undefined) return null;
  const { serviceRevisions: [made] = [] } = await ecs.describeServiceRevisions({ serviceRevisionArns: [revision] });
  return made?.taskDefinition === undefined ? null : { arn, status, taskDefinition: made.taskDefinition };
}

/** Tells ECS to roll back what is under way. False when there is nothing that it would stop. */
async function stopInFlight(service: EcsService, newest: NewestDeployment | null): Promise<boolean> {
  if (newest === null) return false;
  if (newest.status.startsWith("ROLLBACK_")) return newest.status !== "ROLLBACK_FAILED";
  if (newest.status !== "IN_PROGRESS" && newest.status !== "PENDING") return false;
  const ecs = await service.client();
  try {
    await ecs.stopServiceDeployment({ serviceDeploymentArn: newest.arn, stopType: "ROLLBACK" });
    return true;
  } catch (thrown) {
    // It ended in between, or is of a kind that cannot be stopped: the old task definition is asked for instead.
    if (refusals.has(awsErrorName(thrown) ?? "")) return false;
    throw thrown;
  }
}

/** How a deployment ends that was to be rolled back and was not. */
const endedWithoutBack: ReadonlySet<string> = new Set(["ROLLBACK_FAILED", "STOPPED"]);

const refusals: ReadonlySet<string> = new Set([
  "ConflictException",
  "InvalidParameterException",
  "ServiceDeploymentNotFoundException",
  "UnsupportedFeatureException",
]);

/** The task definition itself, or where it was deregistered another revision of the same. */
export async function activeAgain(service: EcsService, arn: string): Promise<string> {
  const { definition, tags, marks } = await service.freshTaskDefinition(arn);
  if (definition.status === "ACTIVE" || definition.status === undefined) return arn;
  const [first] = definition.containerDefinitions ?? [];
  return service.register(
    derivedFrom(
      definition,
      tags,
      { image: first?.image ?? "", env: {}, family: null, container: null, marks },
      first?.name ?? "",
    ),
  );
}
