import { createHash } from "node:crypto";
import type { Task } from "@aws-sdk/client-ecs";
import type { EcsPlacement, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { AwsSession } from "../session/aws-session.ts";
import type { AskedTask } from "./asked-task.ts";
import { askFor, askedOf, endedOf, markEnded, noteTask } from "./asked-task.ts";
import { taskLogs } from "./task-logs.ts";

/** A command that is to run once, in a task of its own beside a service of ECS. */
export interface OneOffTask {
  /** Names this very run of it: with the same key it never runs twice. */
  readonly key: string;
  readonly command: readonly string[];
  /** By digest. */
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** What runs longer is stopped, and has failed. */
  readonly within: Millis;
}

/** What one-off tasks of a service need. */
export interface OneOffParts {
  readonly placement: EcsPlacement;
  readonly session: AwsSession;
  readonly now?: () => Millis;
}

/** How far a one-off task has come. A "no" of its own is `failed`, with its exit code and what it said last. */
export type OneOffProgress =
  | { readonly is: "running"; readonly message: string }
  | { readonly is: "succeeded" }
  | { readonly is: "failed"; readonly reason: string };

/** ECS knows a client token for a day: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ECS_Idempotency.html */
const tokenLife: Millis = 23 * 3_600_000;

/**
 * Brings a one-off task one step further: written down on the service, started with the service's own network, and then
 * looked at until it has ended. Call it again and again; a daemon that was killed between any two lines goes on with the same
 * task. Throws `needs_attention` when nobody can say any more whether it ran.
 */
export async function advanceOneOff(parts: OneOffParts, wanted: OneOffTask): Promise<OneOffProgress> {
  const { placement, session, now = Date.now } = parts;
  const ecs = await session.ecs();
  const { services = [] } = await ecs.describeServices({
    cluster: placement.cluster,
    services: [placement.service],
    include: ["TAGS"],
  });
  const [service] = services;
  if (service?.serviceArn === undefined || service.status !== "ACTIVE")
    return { is: "failed", reason: `there is no service ${placement.service} in cluster ${placement.cluster}` };
  const key = digest(service.serviceArn, wanted.key).slice(0, 16);
  const ended = endedOf(service.tags, key);
  if (ended !== null)
    return ended === "0"
      ? { is: "succeeded" }
      : { is: "failed", reason: `${named(wanted)} failed before (${ended}); deploy again to run it again` };

  const known = askedOf(service.tags, key);
  const asked = known ?? (await askFor(parts, service, key, wanted, now()));
  if ("problem" in asked) return { is: "failed", reason: asked.problem };
  const late = now() > asked.at + wanted.within;
  if (asked.task === null) {
    if (now() > asked.at + tokenLife)
      throw new FairwayError(
        "needs_attention",
        `${named(wanted)} was asked for more than a day ago, and nobody can say whether it ran`,
        { hint: `look whether it did what it was to do, then deploy again` },
      );
    const started = await ecs.runTask({
      cluster: placement.cluster,
      taskDefinition: asked.taskDefinition,
      count: 1,
      clientToken: digest(service.serviceArn, wanted.key),
      startedBy: `fairway/${key}`,
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
    if (task === undefined) {
      const why = (started.failures ?? []).map(({ reason = "no reason" }) => reason).join(", ");
      return late
        ? { is: "failed", reason: `${named(wanted)} never started: ${why}` }
        : { is: "running", message: `${named(wanted)} has no place yet: ${why}` };
    }
    await noteTask(ecs, service.serviceArn, { ...asked, task });
    return { is: "running", message: `${named(wanted)} runs as task ${shortTask(task)}` };
  }
  const { tasks = [] } = await ecs.describeTasks({ cluster: placement.cluster, tasks: [asked.task] });
  const [task] = tasks;
  if (task === undefined) {
    // A task that was just started is not on every copy yet; one that stopped is forgotten after an hour.
    if (!late) return { is: "running", message: `task ${shortTask(asked.task)} is not told of yet` };
    throw new FairwayError("needs_attention", `ECS has forgotten task ${asked.task}, and nobody can say how it ended`, {
      hint: "look whether it did what it was to do, then deploy again",
    });
  }
  if (task.lastStatus !== "STOPPED") {
    if (late && task.desiredStatus !== "STOPPED")
      await ecs.stopTask({
        cluster: placement.cluster,
        task: asked.task,
        reason: `Fairway gave it ${wanted.within / 1000} s`,
      });
    return {
      is: "running",
      message: `${named(wanted)}: task ${shortTask(asked.task)} ${late ? "took too long and is being stopped" : `is ${task.lastStatus ?? "starting"}`}`,
    };
  }
  return endOf(parts, service.serviceArn, wanted, asked, task, late);
}

async function endOf(
  { session }: OneOffParts,
  service: string,
  wanted: OneOffTask,
  asked: AskedTask,
  task: Task,
  late: boolean,
): Promise<OneOffProgress> {
  const ecs = await session.ecs();
  const mine = task.containers?.find(({ name }) => name === asked.container) ?? task.containers?.[0];
  const code = mine?.exitCode;
  // Who was told to stop may end with 0 in the middle of the work.
  const isWell = code === 0 && (task.stopCode === undefined || task.stopCode === "EssentialContainerExited");
  if (isWell) {
    await markEnded(ecs, service, asked.key, "0");
    return { is: "succeeded" };
  }
  const { taskDefinition } = await ecs.describeTaskDefinition({ taskDefinition: asked.taskDefinition });
  const definition = taskDefinition?.containerDefinitions?.find(({ name }) => name === asked.container);
  const lines = definition === undefined ? [] : await taskLogs(session, definition, task.taskArn ?? "");
  await markEnded(ecs, service, asked.key, code === undefined ? "never ran" : `exit ${code}`);
  const how =
    code === undefined
      ? `its container never ran${mine?.reason === undefined ? "" : ` (${mine.reason})`}`
      : `it exited with ${code}`;
  const why = [task.stopCode, task.stoppedReason].filter((word) => word !== undefined && word !== "").join(": ");
  const reason = `${named(wanted)} failed: ${late ? `it was stopped after ${wanted.within / 1000} s; ` : ""}${how}${why === "" ? "" : `; ${why}`} (task ${shortTask(asked.task ?? "")})`;
  return { is: "failed", reason: [reason, ...lines].join("\n") };
}

const named = ({ command }: OneOffTask): string => `\`${command.join(" ")}\``;
const shortTask = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
const digest = (...of: readonly string[]): string => createHash("sha256").update(JSON.stringify(of)).digest("hex");
