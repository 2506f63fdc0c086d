import type { Millis } from "@fairway/core";
import { askedOf, endedOf, markEnded, slotOf } from "./asked-task.ts";
import type { OneOffParts, OneOffTask } from "./one-off-task.ts";
import { keyOf, named, serviceOf, shortTask } from "./one-off-task.ts";
import { startedTask } from "./started-task.ts";

/** So long what was just started may be missing in ECS's own lists. */
const settling: Millis = 30_000;

/**
 * Stops a one-off task that has not ended, and sees to it that nobody starts it any more. What is done meanwhile; null once
 * nothing of it runs. Call it again and again.
 */
export async function stopOneOff(
  parts: OneOffParts,
  wanted: Pick<OneOffTask, "key" | "command">,
  fence: () => Promise<void>,
): Promise<string | null> {
  const { placement, session, memory, now = Date.now } = parts;
  const slot = slotOf(placement, wanted.key);
  if (memory.ended.has(slot)) return null;
  const service = await serviceOf(parts);
  if (typeof service === "string") return null;
  // Whoever has been overtaken stops nothing.
  await fence();
  const { serviceArn = "" } = service;
  const ecs = await session.ecs();
  const key = keyOf(service, wanted);

  const ends = async (how: string): Promise<null> => {
    await markEnded(ecs, serviceArn, key, how);
    memory.ended.set(slot, how);
    return null;
  };

  const before = endedOf(service.tags, key);
  if (before !== null) {
    memory.ended.set(slot, before);
    return null;
  }
  const known = memory.asked.get(slot) ?? askedOf(service.tags, key);
  const asked = known === null || known.task === null ? await startedTask(parts, service, key, now()) : known;
  if (asked === null || asked.task === null) {
    if (known !== null && now() < known.at + settling)
      return `${named(wanted)} was asked for, and ECS may not tell of its task yet`;
    if (known !== null) return ends("not started");
    memory.ended.set(slot, "not started");
    return null;
  }
  memory.asked.set(slot, asked);
  const { tasks: [task] = [] } = await ecs.describeTasks({ cluster: placement.cluster, tasks: [asked.task] });
  if (task === undefined)
    return now() < asked.at + settling ? `ECS does not tell of task ${shortTask(asked.task)} yet` : ends("forgotten");
  if (task.lastStatus === "STOPPED") {
    const code = task.containers?.find(({ name }) => name === asked.container)?.exitCode;
    return ends(code === undefined ? "never ran" : `stopped with ${code}`);
  }
  if (task.desiredStatus !== "STOPPED")
    await ecs.stopTask({
      cluster: placement.cluster,
      task: asked.task,
      reason: "Fairway goes back to the release before",
    });
  return `${named(wanted)}: task ${shortTask(asked.task)} is being stopped`;
}
