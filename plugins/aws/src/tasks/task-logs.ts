import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { codeOf, evidenceLimits, messageOf } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";

/**
 * The last lines that a container of a task wrote to CloudWatch, oldest first and cut where they are long; none where it
 * logs elsewhere or wrote nothing. Where they cannot be read, the one line says why: a log never stands in the way of an
 * outcome. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
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
    return events
      .slice(-most)
      .flatMap(({ message }) => (message === undefined ? [] : message.trimEnd().slice(0, evidenceLimits.line)));
  } catch (thrown) {
    // It wrote nothing, or nobody made the group.
    if (awsErrorName(thrown) === "ResourceNotFoundException") return [];
    if (codeOf(thrown) === undefined) throw thrown;
    return [`its log could not be read: ${messageOf(thrown)}`];
  }
}
