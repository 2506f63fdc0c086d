import { FairwayError, type Millis } from "@fairway/core";
import { areFilesUsedUp } from "../files-used-up.ts";
import type { CommandPlan, CommandState, CommandStatus } from "./command-state.ts";
import { endProcesses } from "./end-processes.ts";
import { millisOf, processesOfCommand, ticksNow } from "./processes.ts";
import type { Runner } from "./start-runner.ts";

/** How often a running command is looked at: output reaches the log within this. */
const shortestPause: Millis = 10;
const longestPause: Millis = 50;

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
export async function followOn(followed: Followed): Promise<CommandStatus> {
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
