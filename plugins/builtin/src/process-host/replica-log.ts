import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readSync, statSync } from "node:fs";
import { rename, rm, truncate } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { hasCode } from "./system-error.ts";

/** How much of a replica's output is kept. */
export interface LogLimits {
  /** The log is turned over once it is larger. */
  readonly bytes: number;
  /** How many older ones are kept beside it. */
  readonly keep: number;
}

/**
 * Turns a log over when it is too large. The service holds the file open and knows nothing of this, so the file is
 * copied and cut; O_APPEND makes it go on at the new end. What is written between the two, some microseconds for a log
 * near its limit, is lost. Of a flood that got far over the limit only the last part is kept.
 */
export async function turnOver(path: string, { bytes, keep }: LogLimits): Promise<boolean> {
  const size = sizeOf(path);
  if (size <= bytes) return false;
  try {
    if (keep > 0) await keepLastPart(path, size, { bytes, keep });
  } catch (thrown) {
    // On a full disk the log has to go all the same: it may be what filled it.
    if (!hasCode(thrown, "ENOSPC", "EDQUOT")) throw thrown;
    await rm(`${path}.new`, { force: true });
  }
  await truncate(path, 0);
  return true;
}

async function keepLastPart(path: string, size: number, { bytes, keep }: LogLimits): Promise<void> {
  for (let age = keep - 1; age >= 1; age--) await renameIfThere(`${path}.${age}`, `${path}.${age + 1}`);
  await pipeline(
    createReadStream(path, { start: Math.max(0, size - bytes), end: size - 1 }),
    createWriteStream(`${path}.new`, { mode: 0o600 }),
  );
  await rename(`${path}.new`, `${path}.1`);
}

/** The last lines of a log from a place on, for a message, without what `hide` takes out; empty when there are none. */
export function lastLines(
  path: string,
  from: number,
  hide: (text: string) => string,
  most: { readonly lines: number; readonly bytes: number } = { lines: 30, bytes: 16 * 1024 },
): readonly string[] {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return [];
    throw thrown;
  }
  try {
    const { size } = fstatSync(file);
    // A log that is shorter than it was has been turned over since.
    const start = Math.max(size < from ? 0 : from, size - most.bytes);
    const buffer = Buffer.alloc(size - start);
    const read = readSync(file, buffer, 0, buffer.length, start);
    const text = buffer.toString("utf8", 0, read);
    // The end of a secret whose beginning was cut off would not be known as one.
    const whole = start > from && size >= from ? text.slice(text.indexOf("\n") + 1) : text;
    const lines = hide(whole)
      .split("\n")
      .filter((line) => line.trim() !== "");
    return lines.slice(-most.lines).map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line));
  } finally {
    closeSync(file);
  }
}

/** The size of a file; 0 when it is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  try {
    await rename(from, to);
  } catch (thrown) {
    if (!hasCode(thrown, "ENOENT")) throw thrown;
  }
}
