import type { LogConfiguration, Task } from "@aws-sdk/client-ecs";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { EcsService } from "./ecs-service.ts";
import { shortOf } from "./ecs-verdict.ts";

const mostTasks = 2;
const mostLines = 10;
const longestLine = 300;

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
    for (const { name = "", logConfiguration } of definition.containerDefinitions ?? []) {
      const isEnded = containers.some((container) => container.name === name && container.exitCode !== undefined);
      const stream = isEnded ? streamOf(logConfiguration, name, taskArn) : null;
      if (stream !== null) found.push(...(await linesOf(session, stream)).map((line) => `${name}: ${line}`));
    }
  }
  return found;
}

interface LogStream {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html: `prefix/container/task`. */
function streamOf(
  { logDriver, options = {} }: LogConfiguration = { logDriver: undefined },
  container: string,
  taskArn: string,
): LogStream | null {
  const { "awslogs-group": logGroupName, "awslogs-stream-prefix": prefix } = options;
  return logDriver === "awslogs" && logGroupName !== undefined && prefix !== undefined
    ? { logGroupName, logStreamName: `${prefix}/${container}/${shortOf(taskArn)}` }
    : null;
}

async function linesOf(session: AwsSession, stream: LogStream): Promise<readonly string[]> {
  const logs = await session.logs();
  try {
    const { events = [] } = await logs.getLogEvents({ ...stream, limit: mostLines, startFromHead: false });
    return events.slice(-mostLines).map(({ message = "" }) => message.trimEnd().slice(0, longestLine));
  } catch (thrown) {
    // It wrote nothing, or nobody made the group.
    if (awsErrorName(thrown) === "ResourceNotFoundException") return [];
    throw thrown;
  }
}
