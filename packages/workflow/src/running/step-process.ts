import { stat } from "node:fs/promises";
import { codeOf, FairwayError, messageOf } from "@fairway/core";
import { insideContainer } from "../containers/job-containers.ts";
import type { HostCommand, HostCommandEnd } from "./job-host.ts";
import type { Draft, RunningJob } from "./running-job.ts";
import type { StepEffects } from "./step-effects.ts";
import { StepOutput } from "./step-output.ts";
import type { StepTurn } from "./step-scope.ts";

/** The variable by which a workflow says that a step may be repeated when nobody knows whether it took effect. */
const repeatableVariable = "FAIRWAY_SAFE_TO_REPEAT";

/** What a process of a step is given. */
export interface StepProcess {
  /** Distinguishes the processes of one step; empty for the only one. */
  readonly suffix: string;
  readonly argv: HostCommand["argv"];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether it does no harm when it runs twice. */
  readonly repeatable: boolean;
  /** Whether it belongs into the container of the job, where there is one. What Fairway itself does stays on the machine. */
  readonly inContainer?: boolean;
  /** Keeps what it prints out of the log, for the caller to read. */
  readonly quiet?: boolean;
}

/** How often a repeatable process whose outcome was lost is started anew. */
const attempts = 3;

/**
 * Runs one process of a step and processes what it prints. A process whose outcome was lost in a crash is repeated if that
 * is safe; otherwise this ends the attempt with `needs_attention`, because a person must look.
 */
export async function runStepProcess(
  job: RunningJob,
  draft: Draft,
  turn: StepTurn,
  effects: StepEffects,
  { suffix, argv, cwd, env, repeatable, inContainer = false, quiet = false }: StepProcess,
): Promise<HostCommandEnd> {
  for (const [name, value] of Object.entries(env)) {
    if (name === "" || name.includes("=") || `${name}${value}`.includes("\0")) {
      throw new TypeError(
        `The environment variable ${JSON.stringify(name)} cannot be passed: it holds a NUL byte, or its name is empty or has a "="`,
      );
    }
  }
  const { containers } = job;
  const steps = inContainer ? (containers?.steps ?? null) : null;
  const placed =
    containers === null || steps === null
      ? { argv, cwd, env }
      : {
          ...(await insideContainer({ ...containers, steps }, { argv, cwd, env }, draft.inherited.paths)),
          cwd: job.host.folders.workspace,
        };
  if (!(await isFolder(placed.cwd))) {
    throw new TypeError(
      `An error occurred trying to start process '${argv[0]}' with working directory '${cwd}'. No such file or directory`,
    );
  }
  const safe = repeatable || env[repeatableVariable]?.toLowerCase() === "true";
  const base = turn.place + suffix;
  for (let attempt = 1; ; attempt++) {
    const key = attempt === 1 ? base : `${base}~${attempt}`;
    try {
      return await job.ask(async (host) =>
        host.command({
          key,
          step: draft.key,
          ...placed,
          timeout: turn.deadline === undefined ? undefined : Math.max(1, turn.deadline - Date.now()),
          signal: turn.signal,
          ...(quiet ? { quiet } : { output: outputOf(job, draft, turn, effects) }),
        }),
      );
    } catch (thrown) {
      if (codeOf(thrown) !== "command_failed" || !isRetryable(thrown)) throw thrown;
      if (safe && attempt < attempts) continue;
      throw job.fault(attention(turn, thrown));
    }
  }
}

function outputOf(job: RunningJob, draft: Draft, turn: StepTurn, effects: StepEffects): StepOutput {
  return new StepOutput(
    {
      step: draft.key,
      workspace: job.host.folders.workspace,
      env: turn.env,
      debug: job.around.debug,
      matchers: draft.inherited.matchers,
    },
    effects,
    draft.annotations,
  );
}

function attention({ name }: StepTurn, cause: unknown): FairwayError {
  return new FairwayError(
    "needs_attention",
    `nobody knows whether the step "${name}" took effect: ${messageOf(cause)}`,
    {
      cause,
      hint: `Look at what it did, then retry the job from this step or give it up. A step that may run twice says so with the variable ${repeatableVariable}: true in its env.`,
    },
  );
}

function isRetryable(thrown: unknown): boolean {
  return (thrown as { readonly retryable?: unknown }).retryable === true;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // Whatever the reason: no process can be started in it.
  }
}
