import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { compressedPathOf, endingOf, memberBytes, openCompressedLog } from "./compressed-log.ts";
import { LogTimes } from "./log-index.ts";
import { logPath } from "./log-path.ts";

/** Logs below this are left as they are: a file takes a whole block of the disk anyway, and people may read it with `cat`. */
const worthwhile = memberBytes;

/** What became of a log that was to be compressed. */
export type Compression = "compressed" | "small" | "open" | "missing";

/**
 * Compresses a log that has ended and puts the result in its place. The plain log is removed only when the other is whole
 * on the disk, so a crash at any point loses nothing; it may be repeated. Those who are reading go on with what they have
 * open. The work is done in other threads.
 */
export async function compressLog(log: string): Promise<Compression> {
  const path = logPath(log);
  const times = new LogTimes(path);
  await times.refresh();
  const found = await stat(path).catch(ifMissing);
  if (found === undefined) return "missing";
  if (times.end === undefined || times.end !== found.size) return "open";
  if (found.size < worthwhile) return "small";
  if (!(await isWhole(path, found.size))) await write(path, found.size);
  await rm(path, { force: true });
  return "compressed";
}

/** Whether an earlier attempt came as far as a whole compressed log. */
async function isWhole(log: string, size: number): Promise<boolean> {
  const compressed = await openCompressedLog(log).catch(() => undefined); // what is damaged is made again
  if (compressed === undefined) return false;
  try {
    return (await compressed.size()) === size;
  } finally {
    await compressed.close();
  }
}

async function write(log: string, size: number): Promise<void> {
  const path = compressedPathOf(log);
  // A name of our own: two that compress at once must not write into one file.
  const unfinished = `${path}.new-${process.pid}`;
  await removeUnfinished(path);
  const plain = await open(log, "r");
  try {
    const packed = await open(unfinished, "w", 0o644);
    try {
      await pack(plain, packed, size);
      await packed.sync();
    } finally {
      await packed.close();
    }
  } finally {
    await plain.close();
  }
  await rename(unfinished, path);
  const directory = await open(dirname(path), constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Removes what processes that are gone did not finish. */
async function removeUnfinished(path: string): Promise<void> {
  const prefix = `${basename(path)}.new-`;
  for (const name of await readdir(dirname(path)))
    if (name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length))))
      await rm(join(dirname(path), name), { force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function pack(plain: FileHandle, packed: FileHandle, size: number): Promise<void> {
  const members: number[] = [];
  let written = 0;
  const block = Buffer.allocUnsafe(memberBytes);
  for (let at = 0; at < size; at += memberBytes) {
    const { bytesRead } = await plain.read(block, 0, Math.min(memberBytes, size - at), at);
    const member = await promisify(gzip)(block.subarray(0, bytesRead), { level: 6 });
    await packed.write(member, 0, member.length, written);
    members.push(member.length);
    written += member.length;
  }
  const ending = endingOf({ size, members }, written);
  await packed.write(ending, 0, ending.length, written);
}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}
