import { open } from "node:fs/promises";
import { openCompressedLog } from "./compressed-log.ts";
import { type LogBytes, PlainLog } from "./log-bytes.ts";

/** Opens a log; undefined when there is none. What compresses removes the plain one last, so it is looked for first. */
export async function openLogBytes(log: string): Promise<LogBytes | undefined> {
  const file = await open(log, "r").catch(ifMissing);
  return file === undefined ? openCompressedLog(log) : PlainLog.of(file);
}

/** How many bytes a log has, counted as in the plain one; 0 when there is none. */
export async function sizeOfLog(log: string): Promise<number> {
  const bytes = await openLogBytes(log);
  if (bytes === undefined) return 0;
  try {
    return await bytes.size();
  } finally {
    await bytes.close();
  }
}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}
