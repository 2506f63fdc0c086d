import type { Task } from "@aws-sdk/client-ecs";
import type { AwsSession } from "../session/aws-session.ts";
import { taskLogs } from "../tasks/task-logs.ts";
import type { EcsService } from "./ecs-service.ts";

const mostTasks = 2;
const mostLines = 10;

/** What the first of these tasks wrote last, where their logs go to CloudWatch; a line each, with its container before it. */
export async function lastLines(
  session: AwsSession,
  service: Pick<EcsService, "taskDefinition">,
  tasks: readonly Task[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { taskArn = "", taskDefinitionArn, containers = [] } of tasks.slice(0, mostTasks)) {
    if (taskDefinitionArn === undefined) continue;
    const { definition } = await service.taskDefinition(taskDefinitionArn);
    for (const container of definition.containerDefinitions ?? []) {
      const { name = "" } = container;
      if (!containers.some((one) => one.name === name && one.exitCode !== undefined)) continue;
      const lines = await taskLogs(session, container, taskArn, mostLines);
      found.push(...lines.map((line) => `${name}: ${line}`));
    }
  }
  return found;
}
