import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { actionInside, nodeInside } from "../containers/job-containers.ts";
import type { NodeAction } from "../model/action.ts";
import { processEnv } from "./process-env.ts";
import type { ResolvedAction } from "./resolve-action.ts";
import type { Draft, RunningJob } from "./running-job.ts";
import { runStepProcess } from "./step-process.ts";
import type { StepTurn, StepWorkEnd } from "./step-scope.ts";
import type { StepEffects } from "./step-effects.ts";

/** Runs a stage of a JavaScript action: its program, with its inputs and its state in the environment. */
export async function runNodeAction(
  job: RunningJob,
  draft: Draft,
  turn: StepTurn,
  { folder, definition }: ResolvedAction & { readonly definition: NodeAction },
  inputs: Readonly<Record<string, string>>,
  effects: StepEffects,
): Promise<StepWorkEnd["result"]> {
  const { stage } = turn.scope;
  const program = definition[stage];
  if (program === undefined) return "success";
  const inside = job.containers !== null && job.containers.steps !== null;
  const script = resolve(inside ? await actionInside(job, folder) : folder, program);
  if (!(await isFile(script))) throw new TypeError(`File not found: '${script}'`);
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(inputs)) own[inputVariable(name)] = value;
  for (const [name, value] of Object.entries(draft.stateOf(turn.place))) own[`STATE_${name}`] = value;
  const end = await runStepProcess(job, draft, turn, effects, {
    suffix: "",
    argv: [inside ? nodeInside(definition.using) : nodeFor(definition.using, job), script],
    inContainer: true,
    cwd: job.host.folders.workspace,
    env: processEnv(job, draft, turn, "action", own),
    repeatable: false,
  });
  switch (end.ended) {
    case "exited":
      // The action itself says what went wrong, by a command.
      return end.code === 0 ? "success" : "failure";
    case "killed":
      return "failure";
    case "cancelled":
    case "timed-out":
      return end.ended;
  }
}

/** INPUT_… as actions look it up: upper case, blanks become `_`, a hyphen stays. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`;
}

/** Versions of Node that are no longer kept up run on Node 20, as on GitHub. */
function nodeFor(using: string, job: RunningJob): string {
  const { node20 = process.execPath, node24 = process.execPath } = job.around.node ?? {};
  return using === "node24" ? node24 : node20;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false; // Whatever the reason: Node could not read it either.
  }
}
