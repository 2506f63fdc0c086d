import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compressLog } from "./compress-log.ts";

/** In the folder of a run: none of its logs will ever need another look. */
const marker = ".logs-kept";

/**
 * Compresses the logs of steps that have ended, one after the other. `hasEnded` says of a run's folder whether more logs
 * may still come there. May be repeated and interrupted at any point.
 */
export async function compressEndedLogs(
  steps: string,
  hasEnded: (run: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  for (const run of await foldersIn(steps)) {
    const folder = join(steps, run);
    if (existsSync(join(folder, marker))) continue;
    const over = hasEnded(run);
    const all = await compressBelow(folder, signal);
    if (signal?.aborted === true) return;
    if (over && all) await writeFile(join(folder, marker), "");
  }
}

/** Whether no log below is still open. */
async function compressBelow(folder: string, signal: AbortSignal | undefined): Promise<boolean> {
  let all = true;
  for (const name of await foldersIn(folder)) {
    if (signal?.aborted === true) return false;
    if (!(await compressBelow(join(folder, name), signal))) all = false;
  }
  if (existsSync(join(folder, "log"))) all = (await compressLog(join(folder, "log"))) !== "open" && all;
  return all;
}

/** A folder that is removed meanwhile has none. */
async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== "state").map(({ name }) => name);
}
