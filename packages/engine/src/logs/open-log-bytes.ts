import { open } from "node:fs/promises";
import { openCompressedLog } from "./compressed-log.ts";
import { type LogBytes, PlainLog } from "./log-bytes.ts";

/** Opens a log; undefined when there is none. What compresses removes the plain one last, so it is looked for first. */
export async function openLogBytes(log: string): Promise<LogBytes | undefined> {
  const file = await open(log, "r").catch(ifMissing);
  return file === undefined ? openCompressedLog(log) : PlainLog.of(file);
}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}
