import { createHash } from "node:crypto";
import type { Service, Task } from "@aws-sdk/client-ecs";
import type { EcsPlacement, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import type { AskedTask, OneOffMemory } from "./asked-task.ts";
import { askFor, askedOf, endedOf, markEnded, noteTask, slotOf } from "./asked-task.ts";
import { countsFrom, startedBy, startedTask } from "./started-task.ts";
import { taskLogs } from "./task-logs.ts";

/** A command that is to run once, in a task of its own beside a service of ECS. */
export interface OneOffTask {
  /** Names this very run of it, and the rollout that waits for it: with the same key it never runs twice. */
  readonly key: string;
  readonly command: readonly string[];
  /** By digest. */
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** What runs longer is stopped, and has failed. Counted from when its task runs. */
  readonly within: Millis;
}

/** What one-off tasks of a service need. */
export interface OneOffParts {
  readonly placement: EcsPlacement;
  readonly session: AwsSession;
  readonly memory: OneOffMemory;
  readonly now?: () => Millis;
}

/**
 * How far a one-off task has come. A "no" of its own is `failed`, with its exit code and what it said last; one that never ran
 * is no answer of the release, and is `stalled`.
 */
export type OneOffProgress =
  | { readonly is: "running"; readonly message: string }
  | { readonly is: "succeeded" }
  | { readonly is: "failed"; readonly reason: string; readonly ending?: "stalled" };

/** ECS knows a client token for a day: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ECS_Idempotency.html */
const tokenLife: Millis = 23 * 3_600_000;

/** One call: how a task stands that this process follows already. Null when more is to be known, or to be done. */
export async function watchOneOff(parts: OneOffParts, wanted: OneOffTask): Promise<OneOffProgress | null> {
  const { placement, session, memory, now = Date.now } = parts;
  const asked = memory.asked.get(slotOf(placement, wanted.key));
  if (asked === undefined || asked.task === null) return null;
  const ecs = await session.ecs();
  const { tasks: [task] = [] } = await ecs.describeTasks({ cluster: placement.cluster, tasks: [asked.task] });
  if (task === undefined || task.lastStatus === "STOPPED") return null;
  return now() > countsFrom(task, asked) + wanted.within ? null : runningAs(wanted, asked.task, task);
}

/**
 * Brings a one-off task one step further: written down on the service, started with the service's own network, and then
 * looked at until it has ended. Call it again and again; a daemon that was killed between any two lines goes on with the same
 * task. Throws `needs_attention` when nobody can say any more whether it ran.
 */
export async function advanceOneOff(parts: OneOffParts, wanted: OneOffTask): Promise<OneOffProgress> {
  const { placement, session, memory, now = Date.now } = parts;
  const ecs = await session.ecs();
  const service = await serviceOf(parts);
  if (typeof service === "string") return { is: "failed", reason: service };
  const { serviceArn = "" } = service;
  const key = keyOf(service, wanted);
  const slot = slotOf(placement, wanted.key);
  const ended = memory.ended.get(slot) ?? endedOf(service.tags, key);
  if (ended !== null) {
    memory.ended.set(slot, ended);
    return endedAs(wanted, ended);
  }

  const own = memory.asked.get(slot);
  let known = own ?? askedOf(service.tags, key);
  // What this process asked for itself it asks for again with the same token, which starts nothing twice.
  if (own === undefined && (known === null || known.task === null)) {
    const started = await startedTask(parts, service, key, now());
    if (started !== null) {
      known = started;
      await noteTask(ecs, serviceArn, started);
    }
  }
  const asked = known ?? (await askFor(parts, service, key, wanted, now()));
  if (asked === "begun") {
    memory.ended.set(slot, "0");
    return { is: "succeeded" };
  }
  if ("problem" in asked) return { is: "failed", reason: asked.problem };
  memory.asked.set(slot, asked);
  if (asked.task === null) return start(parts, service, asked, wanted);

  const { tasks: [task] = [] } = await ecs.describeTasks({ cluster: placement.cluster, tasks: [asked.task] });
  const late = now() > countsFrom(task, asked) + wanted.within;
  if (task === undefined) {
    // A task that was just started is not on every copy yet; one that stopped is forgotten after an hour.
    if (!late) return { is: "running", message: `task ${shortTask(asked.task)} is not told of yet` };
    throw new FairwayError("needs_attention", `ECS has forgotten task ${asked.task}, and nobody can say how it ended`, {
      hint: "look whether it did what it was to do, then deploy again",
    });
  }
  if (task.lastStatus === "STOPPED") return endOf(parts, serviceArn, wanted, asked, task);
  if (!late) return runningAs(wanted, asked.task, task);
  if (task.desiredStatus !== "STOPPED")
    await ecs.stopTask({
      cluster: placement.cluster,
      task: asked.task,
      reason: `${tookTooLong} ${wanted.within / 1000} s`,
    });
  return {
    is: "running",
    message: `${named(wanted)}: task ${shortTask(asked.task)} took too long and is being stopped`,
  };
}

/** The service that a one-off task stands beside, with its tags; a sentence where it is not there. */
export async function serviceOf({ placement, session }: OneOffParts): Promise<Service | string> {
  const { cluster, service: name } = placement;
  const ecs = await session.ecs();
  const { services: [service] = [] } = await ecs.describeServices({ cluster, services: [name], include: ["TAGS"] });
  return service?.serviceArn === undefined || service.status !== "ACTIVE"
    ? `there is no service ${name} in cluster ${cluster}`
    : service;
}

/** Starts it, or finds that somebody has: the client token is the same for whoever does it. */
async function start(
  { placement, session, memory, now = Date.now }: OneOffParts,
  service: Service,
  asked: AskedTask,
  wanted: OneOffTask,
): Promise<OneOffProgress> {
  const { serviceArn = "" } = service;
  const ecs = await session.ecs();
  if (now() > asked.at + tokenLife)
    throw new FairwayError(
      "needs_attention",
      `${named(wanted)} was asked for more than a day ago, and nobody can say whether it ran`,
      { hint: `look whether it did what it was to do, then deploy again` },
    );
  const follow = async (task: string): Promise<OneOffProgress> => {
    memory.asked.set(slotOf(placement, wanted.key), { ...asked, task });
    await noteTask(ecs, serviceArn, { ...asked, task });
    return { is: "running", message: `${named(wanted)} runs as task ${shortTask(task)}` };
  };
  try {
    const started = await ecs.runTask({
      cluster: placement.cluster,
      taskDefinition: asked.taskDefinition,
      count: 1,
      clientToken: digest(serviceArn, wanted.key),
      startedBy: startedBy(asked.key),
      ...(service.networkConfiguration === undefined ? {} : { networkConfiguration: service.networkConfiguration }),
      ...((service.capacityProviderStrategy ?? []).length > 0
        ? { capacityProviderStrategy: service.capacityProviderStrategy }
        : service.launchType === undefined
          ? {}
          : { launchType: service.launchType }),
      ...(service.platformVersion === undefined || service.platformVersion === ""
        ? {}
        : { platformVersion: service.platformVersion }),
      overrides: { containerOverrides: [{ name: asked.container, command: [...wanted.command] }] },
    });
    const task = started.tasks?.[0]?.taskArn;
    if (task !== undefined) return await follow(task);
    const why = (started.failures ?? []).map(({ reason = "no reason" }) => reason).join(", ");
    return now() > asked.at + wanted.within
      ? { is: "failed", reason: `${named(wanted)} never started: ${why}`, ending: "stalled" }
      : { is: "running", message: `${named(wanted)} has no place yet: ${why}` };
  } catch (thrown) {
    if (awsErrorName(thrown) !== "ConflictException") throw thrown;
    // It was started with another revision, by somebody who read what is older than that; ECS says which task it is.
    const [task] =
      (thrown as { readonly cause?: { readonly resourceIds?: readonly string[] } }).cause?.resourceIds ?? [];
    if (task === undefined) throw thrown;
    return follow(task);
  }
}

async function endOf(
  { placement, session, memory }: OneOffParts,
  service: string,
  wanted: OneOffTask,
  asked: AskedTask,
  task: Task,
): Promise<OneOffProgress> {
  const ecs = await session.ecs();
  const slot = slotOf(placement, wanted.key);
  const mine = task.containers?.find(({ name }) => name === asked.container) ?? task.containers?.[0];
  const code = mine?.exitCode;
  // Who was told to stop may end with 0 in the middle of the work.
  const isWell = code === 0 && (task.stopCode === undefined || task.stopCode === "EssentialContainerExited");
  // Nothing runs of it any more, and nobody goes back to it: one family is not to grow by each deployment.
  const ends = async (ended: string): Promise<void> => {
    await markEnded(ecs, service, asked.key, ended);
    memory.ended.set(slot, ended);
    await ecs.deregisterTaskDefinition({ taskDefinition: asked.taskDefinition });
  };
  if (isWell) {
    await ends("0");
    return { is: "succeeded" };
  }
  const { taskDefinition } = await ecs.describeTaskDefinition({ taskDefinition: asked.taskDefinition });
  const definition = taskDefinition?.containerDefinitions?.find(({ name }) => name === asked.container);
  const lines = definition === undefined ? [] : await taskLogs(session, definition, task.taskArn ?? "");
  await ends(code === undefined ? neverRan : `exit ${code}`);
  const how =
    code === undefined
      ? `its container never ran${mine?.reason === undefined ? "" : ` (${mine.reason})`}`
      : `it exited with ${code}`;
  const why = [task.stopCode, task.stoppedReason].filter((word) => word !== undefined && word !== "").join(": ");
  const late =
    task.stoppedReason?.startsWith(tookTooLong) === true ? `it was stopped after ${wanted.within / 1000} s; ` : "";
  const reason = `${named(wanted)} failed: ${late}${how}${why === "" ? "" : `; ${why}`} (task ${shortTask(asked.task ?? "")})`;
  return { is: "failed", reason: [reason, ...lines].join("\n"), ...(code === undefined ? { ending: "stalled" } : {}) };
}

const tookTooLong = "Fairway gave it";
const neverRan = "never ran";

const endedAs = (wanted: OneOffTask, ended: string): OneOffProgress =>
  ended === "0"
    ? { is: "succeeded" }
    : {
        is: "failed",
        reason: `${named(wanted)} failed before (${ended}); deploy again to run it again`,
        ...(ended === neverRan ? { ending: "stalled" } : {}),
      };

const runningAs = (wanted: OneOffTask, arn: string, { lastStatus = "starting" }: Task): OneOffProgress => ({
  is: "running",
  message: `${named(wanted)}: task ${shortTask(arn)} is ${lastStatus}`,
});

/** Its command, as people read it. */
export const named = ({ command }: Pick<OneOffTask, "command">): string => `\`${command.join(" ")}\``;
export const shortTask = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
const digest = (...of: readonly string[]): string => createHash("sha256").update(JSON.stringify(of)).digest("hex");
/** Names a task in tags and in ECS's own lists. */
export const keyOf = ({ serviceArn = "" }: Service, { key }: Pick<OneOffTask, "key">): string =>
  digest(serviceArn, key).slice(0, 16);
