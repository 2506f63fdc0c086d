import { resolve } from "node:path";
import { FairwayError, type Millis } from "@fairway/core";
import { diskFull } from "../artifacts/disk-full.ts";
import { tailOf } from "../logs/tail.ts";
import { CommandLog } from "./command-log.ts";
import type { CommandControl, CommandSpec, OutputCopy } from "./command-spec.ts";
import {
  type CommandEnd,
  type CommandOutcome,
  type CommandPlan,
  CommandState,
  type CommandStatus,
  endOf,
} from "./command-state.ts";
import { followOn } from "./follow-command.ts";
import { digestOf, environmentOf, planOf } from "./plan-command.ts";
import { millisOf, ticksNow } from "./processes.ts";
import { defaultOutputLimits } from "./shown-output.ts";
import { filesUsedUp, type Runner, startRunner } from "./start-runner.ts";

export type { CommandControl, CommandSpec, OutputCopy } from "./command-spec.ts";
export type { CommandOutcome } from "./command-state.ts";

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
