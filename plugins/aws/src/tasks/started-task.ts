import type { ListTasksCommandInput, Service, Task } from "@aws-sdk/client-ecs";
import type { Millis } from "@fairway/core";
import { shortOf } from "../ecs/ecs-verdict.ts";
import { allPages } from "../session/all-pages.ts";
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
  const listed = (which: Omit<ListTasksCommandInput, "cluster" | "nextToken">): Promise<readonly string[]> =>
    allPages(async (nextToken) => {
      const page = await ecs.listTasks({ cluster, ...which, nextToken });
      return { items: page.taskArns, next: page.nextToken };
    });
  const running = await listed({ startedBy: startedBy(key) });
  const family = familyOnce(placement, service);
  const arns = running.length > 0 ? running : await listed({ family, desiredStatus: "STOPPED" });
  let task: Task | undefined;
  // ECS tells of a hundred tasks at once.
  for (let from = 0; from < arns.length && task === undefined; from += 100) {
    const { tasks = [] } = await ecs.describeTasks({ cluster, tasks: arns.slice(from, from + 100) });
    task = tasks.find((each) => each.startedBy === startedBy(key));
  }
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
