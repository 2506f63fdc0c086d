import type { ECS, Service } from "@aws-sdk/client-ecs";
import type { EcsPlacement, Millis } from "@fairway/core";
import { shortOf } from "../ecs/ecs-verdict.ts";
import type { Tag } from "../ecs/service-marks.ts";
import { tagOf } from "../ecs/service-marks.ts";
import { containerIn, derivedFrom, taskDefinitionMarks } from "../ecs/task-definition.ts";
import type { OneOffParts, OneOffTask } from "./one-off-task.ts";

/** A one-off task that was asked for, as the tags of its service have it. */
export interface AskedTask {
  readonly key: string;
  readonly at: Millis;
  readonly container: string;
  /** `family:revision`. */
  readonly taskDefinition: string;
  /** Its ARN; null while nobody knows whether it was started. */
  readonly task: string | null;
}

/**
 * What a daemon has asked for and seen of one-off tasks, so that an answer that is older than that misleads it into nothing. By
 * `slotOf`; losing it costs calls and nothing else.
 */
export interface OneOffMemory {
  readonly asked: Map<string, AskedTask>;
  /** How they ended, as the tags of the service have it. */
  readonly ended: Map<string, string>;
}

/** A memory that knows nothing yet. */
export const oneOffMemory = (): OneOffMemory => ({ asked: new Map(), ended: new Map() });

/** The task of a service with this key, for a daemon's memory. */
export const slotOf = ({ region, cluster, service }: EcsPlacement, key: string): string =>
  JSON.stringify([region, cluster, service, key]);

const tags = { asked: "fairway:task", started: "fairway:task-started", ended: "fairway:task-ended" } as const;

/** What the tags of a service say of the task with this key; null where it was not asked for. */
export function askedOf(found: readonly Tag[] | undefined, key: string): AskedTask | null {
  const [ofKey, at, container, taskDefinition] = (tagOf(found, tags.asked) ?? "").split(" ");
  if (ofKey !== key || container === undefined || taskDefinition === undefined) return null;
  const [startedKey, task] = (tagOf(found, tags.started) ?? "").split(" ");
  return {
    key,
    at: Number(at),
    container,
    taskDefinition,
    task: startedKey === key && task !== undefined ? task : null,
  };
}

/** How the task with this key ended: `0`, `exit 3`, `never ran`; null where it has not. */
export function endedOf(found: readonly Tag[] | undefined, key: string): string | null {
  const said = tagOf(found, tags.ended) ?? "";
  return said.startsWith(`${key} `) ? said.slice(key.length + 1) : null;
}

/** The family of a service's one-off tasks. */
export const familyOnce = (
  { family, service: name }: Pick<EcsPlacement, "family" | "service">,
  { taskDefinition = "" }: Pick<Service, "taskDefinition">,
): string => `${family ?? /([^/:]+):\d+$/u.exec(taskDefinition)?.[1] ?? name}-once`;

/**
 * Registers the task definition of a one-off task, which is that of its service with another image and without ports, and
 * writes on the service that it is about to be started. Safe to repeat: what nobody wrote down was never started. `begun` where
 * what was to wait for the task has begun already, by the mark of a task definition that the service has, which never changes.
 */
export async function askFor(
  { placement, session }: OneOffParts,
  service: Service,
  key: string,
  wanted: OneOffTask,
  at: Millis,
): Promise<AskedTask | { readonly problem: string } | "begun"> {
  const ecs = await session.ecs();
  const { taskDefinition: base, tags: baseTags } = await ecs.describeTaskDefinition({
    taskDefinition: service.taskDefinition,
    include: ["TAGS"],
  });
  if (taskDefinitionMarks(baseTags).rollout === wanted.key) return "begun";
  const others = [...(service.deployments ?? []), ...(service.taskSets ?? [])].flatMap((each) =>
    each.taskDefinition === undefined || each.taskDefinition === service.taskDefinition ? [] : [each.taskDefinition],
  );
  for (const taskDefinition of new Set(others)) {
    const { tags: found } = await ecs.describeTaskDefinition({ taskDefinition, include: ["TAGS"] });
    if (taskDefinitionMarks(found).rollout === wanted.key) return "begun";
  }
  if (base === undefined) return { problem: `the task definition of ${placement.service} is not there` };
  const found = containerIn(base, placement.container);
  if ("problem" in found) return found;
  const derived = derivedFrom(
    base,
    baseTags,
    {
      image: wanted.image,
      env: wanted.env,
      family: familyOnce(placement, service),
      container: found.name,
      marks: { release: null, rollout: null, replaces: null },
    },
    found.name,
  );
  const { taskDefinition: made } = await ecs.registerTaskDefinition({
    ...derived,
    // Nobody asks it anything, and a port of the host may be the service's.
    containerDefinitions: (derived.containerDefinitions ?? []).map(
      ({ portMappings: _ports, ...definition }) => definition,
    ),
  });
  const asked: AskedTask = {
    key,
    at,
    container: found.name,
    taskDefinition: shortOf(made?.taskDefinitionArn ?? ""),
    task: null,
  };
  await mark(ecs, service.serviceArn ?? "", tags.asked, `${key} ${at} ${asked.container} ${asked.taskDefinition}`);
  return asked;
}

export const noteTask = (ecs: ECS, service: string, { key, task }: AskedTask): Promise<void> =>
  mark(ecs, service, tags.started, `${key} ${task ?? ""}`);

export const markEnded = (ecs: ECS, service: string, key: string, how: string): Promise<void> =>
  mark(ecs, service, tags.ended, `${key} ${how}`);

const mark = async (ecs: ECS, resourceArn: string, key: string, value: string): Promise<void> =>
  void (await ecs.tagResource({ resourceArn, tags: [{ key, value }] }));
