import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync, statSync, truncateSync } from "node:fs";

/** The file that a database server writes its messages to. */
export interface ServerLog {
  readonly path: string;
}

const rotateAbove = 8 * 1024 * 1024;

/** How long the log is now; the start of what a following event adds to it. */
export function lengthOf(log: ServerLog): number {
  return existsSync(log.path) ? statSync(log.path).size : 0;
}

/** The last lines that were written after a point, for the message of an error. */
export function lastLines(log: ServerLog, since: number, count = 8): readonly string[] {
  if (!existsSync(log.path)) return [];
  const file = openSync(log.path, "r");
  try {
    const { size } = fstatSync(file);
    const from = Math.max(size < since ? 0 : since, size - 16_384);
    const bytes = Buffer.alloc(size - from);
    const length = readSync(file, bytes, 0, bytes.length, from);
    return bytes
      .toString("utf8", 0, length)
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .slice(-count);
  } finally {
    closeSync(file);
  }
}

/**
 * Keeps the log below 8 MiB with one older file beside it. The server keeps its file open, and outlives the daemon, so
 * the file is copied and emptied in place: it was opened for appending, hence the server goes on at the new end.
 */
export function rotate(log: ServerLog): void {
  if (lengthOf(log) <= rotateAbove) return;
  copyFileSync(log.path, `${log.path}.1`);
  truncateSync(log.path);
}
