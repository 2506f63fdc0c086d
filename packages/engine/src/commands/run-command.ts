import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Argv, FairwayError, messageOf, type Millis } from "@fairway/core";
import { diskFull } from "../artifacts/disk-full.ts";
import { areFilesUsedUp, moreFilesHint } from "../files-used-up.ts";
import { tailOf } from "../logs/tail.ts";
import { CommandLog } from "./command-log.ts";
import {
  type CommandEnd,
  type CommandOutcome,
  type CommandPlan,
  CommandState,
  type CommandStatus,
  endOf,
} from "./command-state.ts";
import { endProcesses, type Grace } from "./end-processes.ts";
import { bootId, commandMarker, millisOf, processesOfCommand, stepBack, ticksNow } from "./processes.ts";
import type { OutputFilter } from "./output-filter.ts";
import { networkEnvironment } from "./network-environment.ts";
import { OnePerTurn } from "./one-per-turn.ts";
import { resolveProgram } from "./resolve-program.ts";
import { bootCommand, cleanEnvironment, type CommandUser, giveOutput, tellBoot } from "./run-as.ts";
import { runnerScript } from "./runner-script.ts";
import { defaultOutputLimits, type OutputLimits } from "./shown-output.ts";

export type { CommandOutcome } from "./command-state.ts";

/** A command that is to run once. */
export interface CommandSpec {
  /**
   * This command's own place, absolute: its log for people, and a folder with the mode 0700 for what only Fairway reads.
   * It names this very start: in the same directory a second process is never started.
   */
  readonly directory: string;
  readonly argv: Argv;
  readonly cwd: string;
  /** Comes on top of PATH, HOME, LANG, TMPDIR, proxies and trust; nothing else of the daemon's environment is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Values that must not be readable in the log, in whatever spelling. */
  readonly secrets: readonly string[];
  readonly timeout: Millis;
  /** What the processes get before SIGKILL. */
  readonly grace: Grace;
  readonly limits?: OutputLimits;
  /** `stays`: what it started in the background runs on after it has ended well or badly, until its directory is swept. */
  readonly background?: "ends" | "stays";
  /** Whom it runs as, instead of whoever the daemon is; only root may say so. */
  readonly user?: CommandUser | undefined;
  /** Names of variables may be any that a process can have, `INPUT_NODE-VERSION`, though no shell could assign them. */
  readonly anyNames?: boolean;
  /** The caller has written down durably that the command may run, and does not ask for it again on another boot. */
  readonly remembered?: boolean;
}

/** Copies what a command wrote to where it is kept; begins at the first byte each time it is opened. */
export interface OutputCopy {
  /** Copies what came since; true when there was something. */
  pump(): Promise<boolean>;
  /** Adds a line of ours, for when the rest may not be shown. */
  withhold(why: string): Promise<void>;
  /** Copies the rest; nothing more will come. */
  finish(): Promise<void>;
  /** Leaves what was copied as it is; nothing more will come. */
  seal(): Promise<void>;
  close(): Promise<void>;
}

export interface CommandControl {
  /** Ends the command; the outcome is then `stopped`. */
  readonly signal?: AbortSignal | undefined;
  /** Lets go of the command without ending it, because the daemon leaves; the call throws the reason. */
  readonly detach?: AbortSignal | undefined;
  /** Makes the filter that sees the output before it is logged; asked again when the log is made again from its first byte. */
  readonly filter?: (() => OutputFilter) | undefined;
  /**
   * Takes the output, instead of the command's own log, from the file where it is; undefined when that is gone. Called also
   * for a command that has ended before, so the file must stay until nobody will ask again. The outcome has no tail then.
   */
  readonly copy?: ((raw: string) => Promise<OutputCopy | undefined>) | undefined;
}

/** How often a running command is looked at: output reaches the log within this. */
const shortestPause: Millis = 10;
const longestPause: Millis = 50;

interface Following {
  readonly outcome: Promise<CommandOutcome>;
  readonly stop: AbortController;
}
const followed = new Map<string, Following>();

/**
 * Runs a command and returns how it ended; called again with the same directory, also by a later daemon, it waits for the
 * process that is there or returns what was recorded. So a crash at any point starts nothing twice. When it returns,
 * nothing of the command runs any more and its log is complete.
 *
 * Throws `command_failed` when the program cannot be started, and, as retryable, when the machine or the runner went
 * away so that the outcome is not known.
 */
export async function runCommand(spec: CommandSpec, control: CommandControl = {}): Promise<CommandOutcome> {
  const state = new CommandState(resolve(spec.directory));
  const { signal } = control;
  // A workflow that was cancelled and resumed may ask while its former self is still being taken down.
  let following = followed.get(state.place);
  if (following === undefined) {
    const stop = new AbortController();
    const begun = { stop, outcome: carryOut(spec, state, stop.signal, control) };
    following = begun;
    followed.set(state.place, begun);
    const forget = (): boolean => followed.delete(state.place);
    begun.outcome.then(forget, forget);
  }
  const stop = following.stop;
  const abort = (): void => stop.abort();
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  try {
    return await following.outcome;
  } catch (thrown) {
    throw diskFull(thrown, `the output of "${spec.argv[0]}"`) ?? filesUsedUp(thrown, spec.argv[0]) ?? thrown;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function carryOut(
  spec: CommandSpec,
  state: CommandState,
  stop: AbortSignal,
  { detach, filter, copy }: CommandControl,
): Promise<CommandOutcome> {
  const finished = state.finished();
  if (finished !== undefined) {
    await (await copy?.(state.raw))?.finish();
    return finished;
  }
  const env = environmentOf(spec, state);
  let plan = state.plan();
  if (plan === undefined) {
    plan = await planOf(spec, env, state);
    if (spec.remembered === true) state.prepareNow(plan);
    else await state.prepare(plan);
  }
  // From here on the command may run, so whatever goes wrong must not lose sight of it.
  let ownRunner: Runner | undefined;
  if (!stop.aborted && state.status(plan).is === "not-started") ownRunner = await startRunner(spec, plan, env, state);
  const intact = plan.secretsDigest === digestOf(spec.secrets, state);
  const openLog = (): Promise<OutputCopy | undefined> =>
    copy?.(state.raw) ??
    CommandLog.open(state.raw, state.log, {
      secrets: spec.secrets,
      limits: spec.limits ?? defaultOutputLimits,
      filter: filter?.(),
    });
  let log: OutputCopy | undefined;
  let logFailed = false;
  // A log that cannot be written, on a full disk say, is no reason to lose sight of a process. It is made again when the
  // command has ended, and if that fails too the call throws with nothing left behind.
  const copyOutput = async (): Promise<boolean> => {
    if (!intact || logFailed) return false;
    try {
      log ??= await openLog();
      return (await log?.pump()) === true;
    } catch {
      logFailed = true;
      return false;
    }
  };
  try {
    const background = spec.background ?? "ends";
    const status = await followOn({ plan, state, stop, detach, runner: ownRunner, background, copyOutput });
    if (logFailed) await log?.close();
    if (logFailed || log === undefined) log = await openLog();
    if (intact) {
      await log?.finish();
    } else {
      await log?.withhold("the rest is withheld: the secrets to mask changed while this command was not followed");
      await log?.seal();
    }
    log = undefined;
    const tail = copy === undefined ? await tailOf(state.log) : [];
    const outcome = { ...outcomeOf(plan, state, status), log: state.log, tail };
    await state.writeFinished(outcome);
    return outcome;
  } finally {
    await log?.close();
  }
}

interface Followed {
  readonly plan: CommandPlan;
  readonly state: CommandState;
  readonly stop: AbortSignal;
  readonly detach: AbortSignal | undefined;
  readonly runner: Runner | undefined;
  readonly background: "ends" | "stays";
  /** Copies what the command wrote since; whether there was something. */
  readonly copyOutput: () => Promise<boolean>;
}

/** Follows, however long no file can be opened: the command runs whether it is seen or not. */
async function followOn(followed: Followed): Promise<CommandStatus> {
  for (;;) {
    try {
      return await follow(followed);
    } catch (thrown) {
      if (!areFilesUsedUp(thrown)) throw thrown;
      followed.detach?.throwIfAborted();
      await wake(longestPause, undefined, followed.detach);
    }
  }
}

/** Waits until nothing of the command runs any more, ending it when asked or when its time is over. */
async function follow({ plan, state, stop, detach, runner, background, copyOutput }: Followed): Promise<CommandStatus> {
  for (let pause = shortestPause; ;) {
    const status = state.status(plan);
    const runnerGone = runner === undefined || runner.exited();
    const some = await copyOutput();
    const over = status.is === "running" && millisOf(ticksNow() - status.runner.startTicks) >= plan.timeout;
    const ending = state.ending() ?? (stop.aborted ? "stopped" : over ? "timed-out" : undefined);

    if (status.is === "ended" || status.is === "lost") {
      // What it left in the background ends with it, unless it may stay.
      const mayStay = background === "stays" && status.is === "ended" && state.ending() === undefined;
      if (mayStay) return status;
      if (status.is === "ended" || status.why === "killed") await endProcesses(state.place, status.runner, plan.grace);
      return status;
    }
    if (status.is === "never") {
      if (status.why === "claimed") return status;
      const starting = (await processesOfCommand(state.place, undefined)).length > 0;
      if (!starting && state.status(plan).is === "never") return status;
    }
    if (status.is === "not-started") {
      if (ending === "stopped") state.claim();
      else if (runnerGone && state.status(plan).is === "not-started") {
        throw new FairwayError("command_failed", `the runner of ${plan.program} ended before it started it`, {
          retryable: true,
        });
      }
    }
    if (status.is === "running" && ending !== undefined) {
      if (state.ending() === undefined) state.writeEnding(ending);
      await endProcesses(state.place, status.runner, plan.grace);
      continue;
    }
    detach?.throwIfAborted();
    pause = some ? shortestPause : Math.min(longestPause, pause * 1.3);
    const left = status.is === "running" ? plan.timeout - millisOf(ticksNow() - status.runner.startTicks) : pause;
    await wake(Math.max(1, Math.min(pause, left)), runner?.gone, stop, detach);
  }
}

/** Resolves after a pause, and earlier when something happened that needs an answer. */
async function wake(
  pause: Millis,
  gone: AbortSignal | undefined,
  ...others: readonly (AbortSignal | undefined)[]
): Promise<void> {
  await new Promise<void>((resolve) => {
    const signals = [gone, ...others].filter((signal) => signal !== undefined && !signal.aborted);
    const done = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, pause);
    for (const signal of signals) signal?.addEventListener("abort", done);
  });
}

function outcomeOf(
  plan: CommandPlan,
  state: CommandState,
  status: CommandStatus,
): CommandEnd & { readonly duration: Millis } {
  const ending = state.ending();
  const started = "runner" in status ? status.runner?.startTicks : undefined;
  const ended = status.is === "ended" ? status.endTicks : ticksNow();
  const duration = started === undefined ? 0 : Math.max(0, millisOf(ended - started));
  if (ending !== undefined) return { ended: ending, duration };
  if (status.is === "ended") return { ...endOf(status.code), duration };
  if (status.is === "never" && status.why === "claimed") return { ended: "stopped", duration };
  if (status.is === "lost") {
    const why = status.why === "restarted" ? "the machine was restarted while it ran" : "its runner was killed";
    throw new FairwayError("command_failed", `the outcome of ${plan.program} is not known: ${why}`, {
      hint: "Nothing of it runs any more. What it did before that stays done; retry the job when it may be repeated.",
      retryable: true,
    });
  }
  throw new FairwayError("command_failed", `could not start ${plan.program}: its runner could not write its record`, {
    hint: `Look for room and permissions in ${state.directory}.`,
    retryable: true,
  });
}

/** What to throw instead when no file could be opened; undefined for any other failure. */
const filesUsedUp = (thrown: unknown, program: string): FairwayError | undefined =>
  areFilesUsedUp(thrown)
    ? new FairwayError("command_failed", `could not run ${program}: the daemon may open no more files`, {
        hint: moreFilesHint,
        retryable: true,
        cause: thrown,
      })
    : undefined;

interface Runner {
  readonly gone: AbortSignal;
  exited(): boolean;
}

const starts = new OnePerTurn();

/** Starts the parent of the command in a session of its own, with its output going straight to the raw file. */
async function startRunner(
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
    if (runner.pid !== undefined) stepBack(runner.pid);
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

const shellName = /^[A-Za-z_]\w*$/;

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

async function planOf(
  spec: CommandSpec,
  env: Readonly<Record<string, string>>,
  state: CommandState,
): Promise<CommandPlan> {
  const directory = await stat(spec.cwd).catch(() => undefined);
  if (directory?.isDirectory() !== true) {
    throw new FairwayError("command_failed", `could not start "${spec.argv[0]}": there is no directory ${spec.cwd}`);
  }
  return {
    program: await resolveProgram(spec.argv[0], spec.cwd, env["PATH"] ?? ""),
    timeout: spec.timeout,
    grace: spec.grace,
    bootId: bootId(),
    secretsDigest: digestOf(spec.secrets, state),
  };
}

function environmentOf(spec: CommandSpec, state: CommandState): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(spec.env)) {
    // A shell passes only names it could itself assign; dropping others in silence would be worse than saying so.
    const can = spec.anyNames === true ? /^[^=\0]+$/ : shellName;
    if (!can.test(name) || value.includes("\0")) {
      throw new FairwayError(
        "command_failed",
        `could not start "${spec.argv[0]}": ${JSON.stringify(name)} cannot be passed as an environment variable`,
        {
          hint: "Names are letters, digits and _, not a digit first; values hold no NUL byte.",
        },
      );
    }
  }
  const { PATH = "/usr/local/bin:/usr/bin:/bin", HOME = "/", LANG = "C.UTF-8", TMPDIR = "/tmp" } = process.env;
  return { PATH, HOME, LANG, TMPDIR, ...networkEnvironment(), ...spec.env, [commandMarker]: state.place };
}

/** Salted by the place, so that equal secrets of two commands do not look equal on disk. */
const digestOf = (secrets: readonly string[], state: CommandState): string =>
  createHash("sha256")
    .update(JSON.stringify([state.place, secrets.toSorted()]))
    .digest("hex");
