import { existsSync } from "node:fs";
import { dataDirectory, endCommands, endLeftServer } from "@fairway/engine";
import { composeLeft } from "./compose.ts";
import { lockDataDirectory } from "./daemon-lock.ts";
import { rememberedOptions } from "./remembered-options.ts";

/** What a daemon that was killed had left, and what was ended. */
export interface Leftovers {
  readonly router: boolean;
  readonly replicas: number;
  readonly database: boolean;
}

/** What replicas get to end themselves; they have been off the router before. */
const grace = 30_000;

/**
 * Ends what a daemon that was killed has left running for a data directory, in the order in which a daemon would: router,
 * replicas, the commands of runs, database. Throws `daemon_running` when one lives or starts. May be repeated.
 */
export async function endLeftovers(directory: string): Promise<Leftovers> {
  if (!existsSync(directory)) return { router: false, replicas: 0, database: false };
  const lock = await lockDataDirectory(directory);
  try {
    const data = dataDirectory(directory);
    const { host, endRouters, endEngine } = await composeLeft(data, await rememberedOptions(directory));
    const replicas = (await host.all()).filter(({ alive }) => alive).length;
    const router = await endRouters();
    await Promise.all([host.stopAll(grace), endCommands(data.steps)]);
    host.close();
    await endEngine();
    return { router, replicas, database: await endLeftServer(data.database) };
  } finally {
    await lock.release();
  }
}
