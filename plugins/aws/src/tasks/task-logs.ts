import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { codeOf, messageOf } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";

/**
 * The last lines that a container of a task wrote to CloudWatch, oldest first; none where it logs elsewhere. Where they cannot
 * be read, the one line says why: a log never stands in the way of an outcome.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
 */
export async function taskLogs(
  session: AwsSession,
  container: Pick<ContainerDefinition, "name" | "logConfiguration">,
  task: string,
  most = 20,
): Promise<readonly string[]> {
  const { logDriver, options = {} } = container.logConfiguration ?? {};
  const group = options["awslogs-group"];
  const prefix = options["awslogs-stream-prefix"];
  if (logDriver !== "awslogs" || group === undefined || prefix === undefined) return [];
  try {
    const logs = await session.logs();
    const { events = [] } = await logs.getLogEvents({
      logGroupName: group,
      logStreamName: `${prefix}/${container.name ?? ""}/${task.slice(task.lastIndexOf("/") + 1)}`,
      limit: most,
      startFromHead: false,
    });
    return events.flatMap(({ message }) => (message === undefined ? [] : message.trimEnd()));
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return codeOf(thrown) === "not_found" ? [] : [`its log could not be read: ${messageOf(thrown)}`];
  }
}
