import { rm } from "node:fs/promises";
import { sep } from "node:path";
import type { Millis } from "@fairway/core";
import { CommandState } from "./command-state.ts";
import { endProcesses } from "./end-processes.ts";
import { markersInUse } from "./processes.ts";

/** For commands whose plan cannot be read any more. */
const defaultGrace: Millis = 10_000;

/**
 * For the end of everything: ends the commands below a directory that still run, and forgets that they ever began. Whoever
 * asks for them again, the next daemon for a run that goes on, has them run from their beginning. Nobody may follow them.
 */
export async function endCommands(below: string): Promise<void> {
  const running = [...(await markersInUse())].filter((place) => place.startsWith(below + sep));
  await Promise.all(
    running.map(async (place) => {
      const state = new CommandState(place);
      const plan = state.plan();
      const status = plan === undefined ? undefined : state.status(plan);
      const runner = status !== undefined && "runner" in status ? status.runner : undefined;
      await endProcesses(place, runner, plan?.grace ?? defaultGrace);
      // Only now: of what runs without a record nobody could tell that it had begun, and it would be begun beside.
      await rm(place, { recursive: true, force: true, maxRetries: 10 });
    }),
  );
}
