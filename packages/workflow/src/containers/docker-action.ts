import { createHash } from "node:crypto";
import { join } from "node:path";
import type { JobContainerSpec } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { DockerAction } from "../model/action.ts";
import { Evaluation } from "../running/evaluation.ts";
import { inputVariable } from "../running/node-action.ts";
import { processEnv } from "../running/process-env.ts";
import type { ResolvedAction } from "../running/resolve-action.ts";
import type { Draft, RunningJob } from "../running/running-job.ts";
import type { StepEffects } from "../running/step-effects.ts";
import { runStepProcess } from "../running/step-process.ts";
import type { StepTurn, StepWorkEnd } from "../running/step-scope.ts";
import { plainSettings, wordsOf } from "./docker-options.ts";
import type { OpenContainers } from "./job-containers.ts";

/** Runs a stage of an action that is a container, as the official runner does (ContainerActionHandler). */
export async function runDockerAction(
  job: RunningJob,
  draft: Draft,
  turn: StepTurn,
  { folder, definition }: ResolvedAction & { readonly definition: DockerAction },
  inputs: Readonly<Record<string, string>>,
  effects: StepEffects,
): Promise<StepWorkEnd["result"]> {
  const open = job.containers;
  if (open === null) throw new TypeError("a container action was met, and no container engine is configured");
  const { engine } = open;
  const entrypoint = entrypointOf(turn, definition, inputs);
  if (turn.scope.stage !== "main" && entrypoint === undefined) return "success";
  const image = await imageOf(job, draft, open, folder, definition);
  const contexts = { ...turn.scope.contexts, github: turn.github, env: turn.env, inputs };
  const evaluation = new Evaluation(job, contexts, turn.scope.status);
  // What the step itself sets wins.
  const variables: Record<string, string> = { ...evaluation.texts(definition.env), ...turn.overrides };
  for (const [name, value] of Object.entries(inputs)) variables[inputVariable(name)] = value;
  for (const [name, value] of Object.entries(draft.stateOf(turn.place))) variables[`STATE_${name}`] = value;
  const places = placesIn(job);
  const translate = (text: string): string =>
    places.reduce((rest, { from, to }) => (isBelow(rest, from) ? to + rest.slice(from.length) : rest), text);
  const { PATH: _path, ...env } = processEnv(job, draft, turn, "action", variables);
  const given = definition.args.map((template) => evaluation.text(template));
  const args = given.length > 0 ? given : wordsOf(inputs["args"] ?? "");
  const spec: JobContainerSpec = {
    name: `${open.job}-${turn.place.replaceAll(/[^\w.-]/g, "-")}`,
    job: open.job,
    image,
    env: {
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, translate(value)])),
      HOME: "/github/home",
    },
    entrypoint: entrypoint === undefined ? null : [entrypoint],
    command: args.length === 0 ? null : args.map(translate),
    mounts: places.map(({ from, to }) => ({ from, to, readOnly: false })),
    ports: [],
    network: open.network,
    aliases: [],
    settings: { ...plainSettings, workingDirectory: "/github/workspace" },
  };
  try {
    const { id } = await asked(job, async () => engine.ensure(spec, false));
    const { argv, env: outer } = await engine.whole(id);
    const cwd = job.host.folders.workspace;
    const end = await runStepProcess(job, draft, turn, effects, {
      suffix: "",
      argv,
      cwd,
      env: outer,
      repeatable: false,
    });
    if (end.ended === "cancelled" || end.ended === "timed-out") return end.ended;
    if (end.ended === "exited" && end.code === 0) return "success";
    const how = end.ended === "exited" ? `exited with code ${end.code}` : `was ended by ${end.signal}`;
    throw new TypeError(`Docker run failed: the container ${how}`);
  } finally {
    await engine.remove(spec.name);
  }
}

function entrypointOf(
  { scope }: StepTurn,
  definition: DockerAction,
  inputs: Readonly<Record<string, string>>,
): string | undefined {
  switch (scope.stage) {
    case "pre":
      return definition.preEntrypoint;
    case "post":
      return definition.postEntrypoint;
    case "main":
      return definition.entrypoint ?? inputs["entryPoint"] ?? inputs["entrypoint"];
  }
}

/** Where an action finds the job's folders: the longest path first, since one may be inside another. */
function placesIn({ host }: RunningJob): readonly { readonly from: string; readonly to: string }[] {
  const { workspace, temp, home } = host.folders;
  const places = [
    { from: workspace, to: "/github/workspace" },
    { from: home, to: "/github/home" },
    { from: join(temp, "_github_workflow"), to: "/github/workflow" },
    { from: join(temp, "_runner_file_commands"), to: "/github/file_commands" },
    { from: temp, to: "/github/runner_temp" },
  ];
  return places.toSorted((a, b) => b.from.length - a.from.length);
}

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The image that the action names, or the one that is built from its Dockerfile, once in a job. */
async function imageOf(
  job: RunningJob,
  draft: Draft,
  { engine, job: name }: OpenContainers,
  folder: string,
  { image, file }: DockerAction,
): Promise<string> {
  if (image.startsWith("docker://")) {
    const reference = image.slice("docker://".length);
    await asked(job, async () => engine.pull(reference, null));
    return reference;
  }
  const what = `${folder}\n${image}`;
  const known = job.images.get(what);
  if (known !== undefined) return known;
  const tag = `localhost/${name}:${createHash("sha256").update(what).digest("hex").slice(0, 12)}`;
  job.host.log(draft.key, [`##[group]Build the image of ${file}`]);
  job.host.log(draft.key, await asked(job, async () => engine.build(tag, folder, image)));
  job.host.log(draft.key, ["##[endgroup]"]);
  job.images.set(what, tag);
  return tag;
}

/** What the engine refuses fails the step; what else goes wrong is no fault of it. */
async function asked<T>(job: RunningJob, call: () => Promise<T>): Promise<T> {
  try {
    return await job.ask(call);
  } catch (thrown) {
    if (codeOf(thrown) !== "command_failed") throw thrown;
    throw new TypeError(messageOf(thrown), { cause: thrown });
  }
}
