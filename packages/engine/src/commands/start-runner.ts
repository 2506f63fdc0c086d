import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { FairwayError, messageOf } from "@fairway/core";
import { areFilesUsedUp, moreFilesHint } from "../files-used-up.ts";
import type { CommandSpec } from "./command-spec.ts";
import type { CommandPlan, CommandState } from "./command-state.ts";
import { OnePerTurn } from "./one-per-turn.ts";
import { commandMarker, stepBack } from "./processes.ts";
import { bootCommand, cleanEnvironment, type CommandUser, giveOutput, tellBoot } from "./run-as.ts";
import { runnerScript } from "./runner-script.ts";

/** What to throw instead when no file could be opened; undefined for any other failure. */
export const filesUsedUp = (thrown: unknown, program: string): FairwayError | undefined =>
  areFilesUsedUp(thrown)
    ? new FairwayError("command_failed", `could not run ${program}: the daemon may open no more files`, {
        hint: moreFilesHint,
        retryable: true,
        cause: thrown,
      })
    : undefined;

/** The parent of a command, as long as we are its parent. */
export interface Runner {
  readonly gone: AbortSignal;
  exited(): boolean;
}

const starts = new OnePerTurn();

/** Starts the parent of the command in a session of its own, with its output going straight to the raw file. */
export async function startRunner(
  spec: CommandSpec,
  plan: CommandPlan,
  env: Readonly<Record<string, string>>,
  state: CommandState,
): Promise<Runner> {
  const gone = new AbortController();
  await starts.turn();
  const output = openSync(state.raw, "a", 0o600);
  try {
    const runner =
      spec.user === undefined
        ? spawnRunner(spec, plan, env, state, output)
        : spawnAs(spec.user, spec, plan, env, state, output);
    await new Promise<void>((resolve, reject) => {
      runner.once("spawn", resolve);
      runner.once("error", reject);
    });
    if (runner.pid !== undefined && spec.waitedFor !== true) stepBack(runner.pid);
    // The daemon may leave while the command goes on.
    runner.unref();
    runner.once("exit", () => gone.abort());
    return { gone: gone.signal, exited: () => gone.signal.aborted };
  } catch (thrown) {
    throw (
      filesUsedUp(thrown, plan.program) ??
      new FairwayError("command_failed", `could not start ${plan.program}: ${messageOf(thrown)}`, { cause: thrown })
    );
  } finally {
    closeSync(output);
  }
}

/** The names of variables that a plain `sh` passes on. */
export const shellName: RegExp = /^[A-Za-z_]\w*$/;

/** The shell that keeps this environment as it is: a plain `sh` drops variables with names that it could not assign itself. */
function spawnRunner(
  spec: CommandSpec,
  plan: CommandPlan,
  env: Readonly<Record<string, string>>,
  state: CommandState,
  output: number,
): ChildProcess {
  const words = ["fairway-runner", state.directory, plan.program, ...spec.argv.slice(1)];
  const [shell, ...options] = shellFor(env);
  return spawn(shell, [...options, "-c", runnerScript, ...words], {
    cwd: spec.cwd,
    env,
    stdio: ["ignore", output, output],
    detached: true,
  });
}

/** The runner stays root, so that the command cannot touch its records, and has nothing of the command but its marker. */
function spawnAs(
  user: CommandUser,
  spec: CommandSpec,
  plan: CommandPlan,
  env: Readonly<Record<string, string>>,
  state: CommandState,
  output: number,
): ChildProcess {
  giveOutput(output, user);
  const argv = [plan.program, ...spec.argv.slice(1)];
  const told = tellBoot(state.directory, { user, argv, cwd: spec.cwd, env });
  try {
    return spawn("/bin/sh", ["-c", runnerScript, "fairway-runner", state.directory, ...bootCommand], {
      cwd: "/",
      env: { ...cleanEnvironment, [commandMarker]: state.place },
      stdio: ["ignore", output, output, "ignore", told],
      detached: true,
    });
  } finally {
    closeSync(told);
  }
}

const shellFor = (env: Readonly<Record<string, string>>): readonly [string, ...string[]] =>
  Object.keys(env).every((name) => shellName.test(name)) ? ["/bin/sh"] : ["/bin/bash", "-p"];
