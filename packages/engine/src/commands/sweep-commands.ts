import { sep } from "node:path";
import type { Millis } from "@fairway/core";
import { LogWriter } from "../logs/log-writer.ts";
import { CommandState } from "./command-state.ts";
import { endProcesses } from "./end-processes.ts";
import { markersInUse, millisOf, ticksNow } from "./processes.ts";

/** For commands whose plan cannot be read any more. */
const defaultGrace: Millis = 10_000;

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
  const running = [...(await markersInUse())].filter((place) => place.startsWith(below + sep));
  await Promise.all(
    running.map(async (place) => {
      const state = new CommandState(place);
      const plan = state.plan();
      const status = plan === undefined ? undefined : state.status(plan);
      const runner = status !== undefined && "runner" in status ? status.runner : undefined;
      if (!isWanted(place)) {
        if (plan !== undefined) state.writeEnding("stopped");
        await endProcesses(place, runner, plan?.grace ?? defaultGrace);
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
