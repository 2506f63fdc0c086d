import { LogWriter } from "../logs/log-writer.ts";
import type { CommandState } from "./command-state.ts";
import { endProcesses } from "./end-processes.ts";
import { millisOf, ticksNow } from "./processes.ts";
import { runningCommands } from "./running-commands.ts";

/** What a sweep ended, by the directory of the command. */
export interface Swept {
  /** Nobody will ask for them any more. */
  readonly abandoned: readonly string[];
  /** Their time was over while no daemon was there; who asks for them is told `timed-out`. */
  readonly timedOut: readonly string[];
}

/**
 * For the start of a daemon: ends the commands below a directory that still run though nobody will ask for them again,
 * and those whose time is over. Commands are found by their processes, so thousands of old directories cost nothing.
 */
export async function sweepCommands(below: string, isWanted: (directory: string) => boolean): Promise<Swept> {
  const abandoned: string[] = [];
  const timedOut: string[] = [];
  await Promise.all(
    (await runningCommands(below)).map(async ({ place, state, plan, status, runner, grace }) => {
      if (!isWanted(place)) {
        if (plan !== undefined) state.writeEnding("stopped");
        await endProcesses(place, runner, grace);
        await sealLog(state);
        abandoned.push(place);
        return;
      }
      if (plan === undefined || status?.is !== "running") return;
      if (millisOf(ticksNow() - status.runner.startTicks) < plan.timeout) return;
      if (state.ending() === undefined) state.writeEnding("timed-out");
      await endProcesses(place, runner, plan.grace);
      timedOut.push(place);
    }),
  );
  return { abandoned, timedOut };
}

/** Nobody will complete the log, and the raw output may hold secrets. */
async function sealLog(state: CommandState): Promise<void> {
  if (state.plan() === undefined) return;
  state.removeRaw();
  const log = await LogWriter.open(state.log);
  await log.skipToEnd();
  await log.end();
}
