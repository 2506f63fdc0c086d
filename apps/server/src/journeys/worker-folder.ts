import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepCommands } from "@fairway/engine";

const ofWorker = /^fairway-worker-(\d+)-/u;

/**
 * A folder for a worker alone, named for its process. What workers that were killed have left is ended and taken away first: a
 * journey that nobody waits for, and secrets that were given to it.
 */
export async function workerFolder(within: string = tmpdir()): Promise<string> {
  for (const name of await readdir(within)) {
    const [, pid] = ofWorker.exec(name) ?? [];
    const place = join(within, name);
    if (pid === undefined || isThere(Number(pid)) || !(await isOwn(place))) continue;
    await sweepCommands(place, () => false);
    await rm(place, { recursive: true, force: true });
  }
  return mkdtemp(join(within, `fairway-worker-${process.pid}-`));
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    // Somebody else's is there, too.
    return (thrown as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Anybody may make a folder of such a name where temporary files are. */
async function isOwn(place: string): Promise<boolean> {
  const found = await lstat(place).catch(() => null); // Its owner has just taken it away.
  return found !== null && found.isDirectory() && found.uid === process.getuid?.();
}
