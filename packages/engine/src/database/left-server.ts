import { existsSync } from "node:fs";
import { prepareDirectory } from "./database-directory.ts";
import { runningServer } from "./postmaster-file.ts";
import { stopServer } from "./server.ts";

/**
 * Shuts down the server that a daemon which was killed has left running on its database; false when none runs. Only for
 * whoever holds the data directory: a daemon that lives would lose its database. May be repeated.
 */
export async function endLeftServer(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const { cluster } = await prepareDirectory(path);
  const left = runningServer(cluster);
  if (left === undefined) return false;
  await stopServer(cluster, left.pid, { fast: 30_000, immediate: 10_000 });
  return true;
}
