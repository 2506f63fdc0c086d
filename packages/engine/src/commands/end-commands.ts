import { rm } from "node:fs/promises";
import { endProcesses } from "./end-processes.ts";
import { runningCommands } from "./running-commands.ts";

/**
 * For the end of everything: ends the commands below a directory that still run, and forgets that they ever began. Whoever
 * asks for them again, the next daemon for a run that goes on, has them run from their beginning. Nobody may follow them.
 */
export async function endCommands(below: string): Promise<void> {
  await Promise.all(
    (await runningCommands(below)).map(async ({ place, runner, grace }) => {
      await endProcesses(place, runner, grace);
      // Only now: of what runs without a record nobody could tell that it had begun, and it would be begun beside.
      await rm(place, { recursive: true, force: true, maxRetries: 10 });
    }),
  );
}
