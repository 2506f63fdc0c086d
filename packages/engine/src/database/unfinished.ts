import { randomBytes } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "./postmaster-file.ts";

const mine = new Set<string>();

/** A name for something that takes its own name only when it is whole; it tells whose work it is. */
export function unfinishedName(path: string): string {
  const token = `${process.pid}-${randomBytes(4).toString("hex")}`;
  mine.add(token);
  return `${path}.unfinished-${token}`;
}

/** Whether a file name is of something that is not whole. */
export function isUnfinishedName(name: string): boolean {
  return name.includes(".unfinished-");
}

/** Whether whoever made this is gone, so that it can be removed. In a container a new process often has the old pid. */
export function isAbandoned(name: string): boolean {
  const found = /\.unfinished-((\d+)-[0-9a-f]+)$/.exec(name);
  if (found === null || mine.has(found[1] ?? "")) return false;
  const pid = Number(found[2]);
  return pid === process.pid || !isAlive(pid);
}

/** Removes from a directory what somebody was at work on who is gone. */
export async function clearAbandoned(directory: string): Promise<void> {
  for (const name of (await readdir(directory)).filter(isAbandoned))
    await rm(join(directory, name), { recursive: true, force: true });
}

/** Removes something whole: it loses its name first, so that nobody takes what is left of it after a kill for all of it. */
export async function removeWhole(path: string): Promise<void> {
  const going = unfinishedName(path);
  await rename(path, going);
  await rm(going, { recursive: true, force: true });
}
