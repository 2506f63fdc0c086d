import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ContainerMount, JobContainer, JobContainers, JobContainerSpec } from "@fairway/core";
import { FairwayError, codeOf, messageOf } from "@fairway/core";
import { formatProblem } from "../model/place.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { Template } from "../model/template.ts";
import { Evaluation } from "../running/evaluation.ts";
import type { RunningJob } from "../running/running-job.ts";
import { copyWhole } from "../running/write-whole.ts";
import { type ContainerDefinition, containerDefinition } from "./container-definition.ts";
import { containerRefusals } from "./container-refusals.ts";

/** The containers of a running job: what steps are told of them, and where their programs run. */
export interface OpenContainers {
  readonly engine: JobContainers;
  /** Marks all of them. */
  readonly job: string;
  /** Null where nothing needs one. */
  readonly network: string | null;
  /** What the `job` context has beside the status. */
  readonly context: JsonObject;
  /** Where the steps run; null for the machine itself. */
  readonly steps: JobContainer | null;
}

/** Between two questions whether a service is well. */
const healthPause = 300;
/** Where JavaScript actions find Node in a container, as with the official runner. */
const nodeFolder = "/__e";

/** Throws a sentence with the lines and what to do when a job wants containers and no engine is configured. */
export function refuseContainers({ host, instance }: RunningJob): void {
  if (host.containers !== undefined) return;
  const problems = containerRefusals(instance).map(formatProblem);
  if (problems.length > 0) throw new FairwayError("not_allowed_now", problems.join("\n"), { problems });
}

/**
 * Starts what the job needs: its network, its services and the container that its steps run in. Asked again after a crash
 * it finds them by their names. Null where no engine is configured. Throws a sentence with the line when one cannot be had.
 */
export async function openContainers(
  job: RunningJob,
  env: Readonly<Record<string, string>>,
): Promise<OpenContainers | null> {
  const { host } = job;
  const engine = host.containers;
  if (engine === undefined) return null;
  const name = jobName(job);
  const idle: OpenContainers = { engine, job: name, network: null, context: {}, steps: null };
  const wanted = definitionsOf(job, env);
  if (wanted.steps === null && wanted.services.length === 0) return idle;
  const say = (line: string): void => host.log("setup", [line]);
  say("##[group]Initialize containers");
  const { signal } = job;
  await job.ask(async () => engine.network(name, name));
  const services: Record<string, JsonObject> = {};
  const started: { readonly id: string; readonly service: string; readonly image: string }[] = [];
  for (const { id: service, definition } of wanted.services) {
    say(`Starting the service "${service}" from ${definition.image}`);
    const container = await start(
      job,
      engine,
      serviceSpec(name, service, definition),
      definition,
      `service "${service}"`,
    );
    services[service] = { id: container.id, network: name, ports: portsOf(container) };
    started.push({ id: container.id, service, image: definition.image });
  }
  let steps: JobContainer | null = null;
  if (wanted.steps !== null) {
    say(`Starting the container of the job from ${wanted.steps.image}`);
    steps = await start(job, engine, stepsSpec(job, name, wanted.steps), wanted.steps, "container of the job");
  }
  for (const { id, service } of started) await untilWell(job, engine, id, service, signal);
  say("##[endgroup]");
  const context: Record<string, JsonValue> = {};
  if (steps !== null) context["container"] = { id: steps.id, network: name };
  if (started.length > 0) context["services"] = services;
  return { ...idle, network: name, context, steps };
}

/** Takes away all that was started for the job. */
export async function closeContainers(job: RunningJob): Promise<void> {
  const { containers } = job.host;
  if (containers === undefined) return;
  await containers.removeAll(jobName(job));
}

/** The same after a crash, and another for every job that ever runs. */
function jobName({ instance, host }: RunningJob): string {
  const what = JSON.stringify([host.folders.workspace, host.startedAt, instance.key]);
  return `fairway-job-${createHash("sha256").update(what).digest("hex").slice(0, 16)}`;
}

interface Definitions {
  readonly steps: ContainerDefinition | null;
  readonly services: readonly { readonly id: string; readonly definition: ContainerDefinition }[];
}

function definitionsOf(job: RunningJob, env: Readonly<Record<string, string>>): Definitions {
  const { container, services } = job.instance.job;
  const evaluation = new Evaluation(job, { ...job.contexts, env }, () => job.status);
  const at = <T>(template: Template, what: string, read: () => T): T => {
    try {
      return read();
    } catch (thrown) {
      const { file } = job.instance;
      throw new TypeError(
        `${file}:${template.place.line}:${template.place.column}: the ${what}: ${messageOf(thrown)}`,
        {
          cause: thrown,
        },
      );
    }
  };
  const value = services === undefined ? {} : at(services, "services", () => evaluation.value(services));
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return {
    steps:
      container === undefined
        ? null
        : at(container, "container", () => containerDefinition(evaluation.value(container))),
    services: entries.flatMap(([id, one]) => {
      const template = services as Template;
      const own =
        template.kind === "mapping" ? template.entries.find(({ key }) => "text" in key && key.text === id) : null;
      const definition = at(own?.value ?? template, `service "${id}"`, () => containerDefinition(one));
      return definition === null ? [] : [{ id, definition }];
    }),
  };
}

async function start(
  job: RunningJob,
  engine: JobContainers,
  spec: JobContainerSpec,
  { login, image }: ContainerDefinition,
  what: string,
): Promise<JobContainer> {
  try {
    return await job.ask(async () => {
      await engine.pull(image, login);
      return engine.ensure(spec, true);
    });
  } catch (thrown) {
    if (codeOf(thrown) !== "command_failed") throw thrown;
    throw new TypeError(`the ${what} could not be started: ${messageOf(thrown)}`, { cause: thrown });
  }
}

const serviceSpec = (
  job: string,
  service: string,
  { image, env, ports, mounts, settings }: ContainerDefinition,
): JobContainerSpec => ({
  name: `${job}-${service.toLowerCase().replaceAll(/[^a-z0-9_.-]/g, "-")}`,
  job,
  image,
  env,
  entrypoint: null,
  command: null,
  mounts,
  ports,
  network: job,
  aliases: [service],
  settings,
});

/** It only waits: every step is a program of its own in it. */
const waits = ["tail", "-f", "/dev/null"];

function stepsSpec(
  { host, around }: RunningJob,
  job: string,
  { image, env, ports, mounts, settings }: ContainerDefinition,
): JobContainerSpec {
  const { workspace, temp, toolCache, home } = host.folders;
  const { node20 = process.execPath, node24 = process.execPath } = around.node ?? {};
  // Under their own names, so that a path means the same inside and outside.
  const own = [...new Set([workspace, temp, toolCache, home])].map((folder) => mount(folder, folder, false));
  const node = [
    mount(node20, `${nodeFolder}/node20/bin/node`, true),
    mount(node24, `${nodeFolder}/node24/bin/node`, true),
  ];
  return {
    name: `${job}-steps`,
    job,
    image,
    env: { ...env, CI: "true", GITHUB_ACTIONS: "true" },
    entrypoint: waits.slice(0, 1),
    command: waits.slice(1),
    mounts: [...own, ...node, ...mounts],
    ports,
    network: job,
    aliases: [],
    settings,
  };
}

const mount = (from: string, to: string, readOnly: boolean): ContainerMount => ({ from, to, readOnly });

/** As GitHub has them: the container's port, to the machine's. */
const portsOf = ({ ports }: JobContainer): JsonObject =>
  Object.fromEntries(Object.entries(ports).map(([port, host]) => [port.replace(/\/tcp$/, ""), String(host)]));

async function untilWell(
  job: RunningJob,
  engine: JobContainers,
  id: string,
  service: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const state = await job.ask(async () => engine.state(id));
    if (state?.running === true && (state.health === "healthy" || state.health === "none")) {
      job.host.log("setup", [`The service "${service}" is ${state.health === "none" ? "running" : "healthy"}`]);
      return;
    }
    if (state?.running !== true || state.health === "unhealthy") {
      const lines = await job.ask(async () => engine.lastLines(id));
      job.host.log("setup", lines);
      const why =
        state?.running === true ? "is not healthy" : `has ended with exit code ${state?.exitCode ?? "unknown"}`;
      throw new TypeError(`the service "${service}" ${why}; what it wrote last is above`);
    }
    if (signal.aborted)
      throw new TypeError(`The operation was canceled while the service "${service}" was not healthy yet.`);
    // An abort is looked at above.
    await delay(healthPause, undefined, { signal }).catch(() => undefined);
  }
}

/** A program of a step as it is started on the machine, so that it runs in the job's container. */
export interface PlacedProgram {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** Puts a program into the container of the job's steps. PATH begins with what steps added, and goes on as the image says. */
export async function insideContainer(
  { engine, steps }: OpenContainers & { readonly steps: JobContainer },
  program: { readonly argv: readonly string[]; readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  paths: readonly string[],
): Promise<PlacedProgram> {
  const env = { ...program.env, PATH: [...paths, steps.path].join(":") };
  return engine.inside(steps.id, { ...program, env });
}

/** Node as JavaScript actions find it in the container of a job. */
export const nodeInside = (using: string): string =>
  `${nodeFolder}/${using === "node24" ? "node24" : "node20"}/bin/node`;

/** The files of an action where the job's container sees them: those of other repositories are copied there, once. */
export async function actionInside(job: RunningJob, folder: string): Promise<string> {
  const { workspace, temp } = job.host.folders;
  if ([workspace, temp].some((seen) => folder === seen || folder.startsWith(`${seen}/`))) return folder;
  const copy = join(temp, "_actions", createHash("sha256").update(folder).digest("hex").slice(0, 16));
  const there = await stat(copy).catch(() => null);
  if (there === null) await copyWhole(folder, copy);
  return copy;
}
