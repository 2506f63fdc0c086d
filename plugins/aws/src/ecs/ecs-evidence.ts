import type { Task } from "@aws-sdk/client-ecs";
import type { EcsPlacement } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { lastLines } from "./last-lines.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { EcsLook } from "./ecs-look.ts";
import type { EcsService } from "./ecs-service.ts";
import { shortOf } from "./ecs-verdict.ts";
import { serviceDeployments } from "./service-deployments.ts";

const mostTasks = 5;

/** Why tasks of a deployment did not live, a sentence each. */
export interface EcsEvidence {
  readonly lines: readonly string[];
  /** Tasks ended, and not one of them ever ran, because its image could not be pulled: no answer of the release. */
  readonly noneRan: boolean;
}

/**
 * How tasks of a deployment ended, with their exit codes and what they wrote last, and what their load balancer says. It
 * never stands in the way of the outcome: where AWS does not answer, that is said.
 */
export async function ecsEvidence(
  session: AwsSession,
  placement: Pick<EcsPlacement, "cluster" | "service">,
  look: EcsLook,
  service: Pick<EcsService, "taskDefinition">,
): Promise<EcsEvidence> {
  const lines: string[] = [];
  let noneRan = false;
  try {
    lines.push(...(await recordOfEcs(session, placement, look)));
    const stopped = await stoppedTasks(session, placement, look);
    noneRan = stopped.length > 0 && stopped.every(isUnpulled);
    lines.push(...stopped.slice(0, mostTasks).map(taskWords));
    lines.push(...(await lastLines(session, service, stopped)));
    lines.push(...(await illTargets(session, look)));
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    lines.push(`not all of why its tasks ended could be read: ${messageOf(thrown)}`);
  }
  return { lines, noneRan };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
const isUnpulled = ({ stopCode, stoppedReason = "", containers = [] }: Task): boolean =>
  stopCode === "TaskFailedToStart" &&
  /CannotPull|ImagePull|pull image/iu.test([stoppedReason, ...containers.map(({ reason = "" }) => reason)].join(" "));

function taskWords({ taskArn = "", stopCode, stoppedReason = "", containers = [] }: Task): string {
  const ends = containers.map(
    ({ name = "?", exitCode, reason }) =>
      `${name} ${exitCode === undefined ? "never ran" : `exited with ${exitCode}`}${reason === undefined ? "" : ` (${reason})`}`,
  );
  return `task ${shortOf(taskArn)}: ${stopCode ?? "no stop code"}: ${stoppedReason}; ${ends.join(", ")}`;
}

/** What ECS itself wrote down of the deployment, which it keeps when the service does not list it any more. */
async function recordOfEcs(
  session: AwsSession,
  placement: Pick<EcsPlacement, "cluster" | "service">,
  { marks }: EcsLook,
): Promise<readonly string[]> {
  const ecs = await session.ecs();
  const newest = (await serviceDeployments(ecs, placement)).slice(0, 5);
  const revisions = newest.flatMap(({ targetServiceRevisionArn: revision }) => revision ?? []);
  if (revisions.length === 0) return [];
  const { serviceRevisions = [] } = await ecs.describeServiceRevisions({ serviceRevisionArns: revisions });
  const mine = serviceRevisions.find(({ taskDefinition }) => taskDefinition === marks.taskDefinition);
  const record = newest.find(({ targetServiceRevisionArn: revision }) => revision === mine?.serviceRevisionArn);
  return mine === undefined || record === undefined
    ? []
    : [`ECS says ${record.status ?? "nothing"}${record.statusReason === undefined ? "" : `: ${record.statusReason}`}`];
}

async function stoppedTasks(
  session: AwsSession,
  { cluster, service }: Pick<EcsPlacement, "cluster" | "service">,
  { marks }: EcsLook,
): Promise<readonly Task[]> {
  const ecs = await session.ecs();
  const { taskArns = [] } = await ecs.listTasks({ cluster, serviceName: service, desiredStatus: "STOPPED" });
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.describeTasks({ cluster, tasks: taskArns.slice(0, 100) });
  return tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === marks.taskDefinition);
}

async function illTargets(session: AwsSession, { targetGroups }: EcsLook): Promise<readonly string[]> {
  if (targetGroups.length === 0) return [];
  const elbv2 = await session.elbv2();
  const found: string[] = [];
  for (const group of targetGroups) {
    const { TargetHealthDescriptions: targets = [] } = await elbv2.describeTargetHealth({ TargetGroupArn: group });
    for (const { Target: target, TargetHealth: health } of targets)
      if (health?.State === "unhealthy" || health?.State === "unavailable")
        found.push(
          `target ${target?.Id ?? "?"}:${target?.Port ?? "?"} is ${health.State}: ${health.Reason ?? ""} ${health.Description ?? ""}`.trim(),
        );
  }
  return found.slice(0, mostTasks);
}
