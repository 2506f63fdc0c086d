import type { Service, Task } from "@aws-sdk/client-ecs";
import type { Millis } from "@fairway/core";
import { shortOf } from "../ecs/ecs-verdict.ts";
import type { AskedTask } from "./asked-task.ts";
import { familyOnce } from "./asked-task.ts";
import type { OneOffParts } from "./one-off-task.ts";

/** By what a task is found again that nobody wrote down. */
export const startedBy = (key: string): string => `fairway/${key}`;

/**
 * The task with this key that runs, or has stopped in the last hour, by ECS's own lists; null where there is none. Whoever
 * started it may have been killed before it could say so, and tags may be older than that or taken away.
 */
export async function startedTask(
  { placement, session }: OneOffParts,
  service: Service,
  key: string,
  at: Millis,
): Promise<AskedTask | null> {
  const { cluster } = placement;
  const ecs = await session.ecs();
  // By whom it was started is the only filter that ECS takes then, and so it lists what runs.
  const { taskArns: running = [] } = await ecs.listTasks({ cluster, startedBy: startedBy(key) });
  const { taskArns: stopped = [] } =
    running.length > 0
      ? {}
      : await ecs.listTasks({ cluster, family: familyOnce(placement, service), desiredStatus: "STOPPED" });
  const arns = [...running, ...stopped].slice(0, 100);
  if (arns.length === 0) return null;
  const { tasks = [] } = await ecs.describeTasks({ cluster, tasks: arns });
  const task = tasks.find((each) => each.startedBy === startedBy(key));
  if (task?.taskArn === undefined) return null;
  return {
    key,
    at: task.createdAt?.getTime() ?? at,
    container: task.overrides?.containerOverrides?.[0]?.name ?? task.containers?.[0]?.name ?? "",
    taskDefinition: shortOf(task.taskDefinitionArn ?? ""),
    task: task.taskArn,
  };
}

/** Since when the time of a task counts: since it runs, or since it is to, and before both since it was asked for. */
export const countsFrom = (task: Task | undefined, asked: Pick<AskedTask, "at">): Millis =>
  (task?.startedAt ?? task?.createdAt)?.getTime() ?? asked.at;
