import { statfs } from "node:fs/promises";
import { FairwayError } from "@fairway/core";

/** Below this the database could fill the disk in the middle of what is begun now; what runs already goes on. */
const least = 256 * 1024 * 1024;

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1024 ** 2)} MiB`;

/** What is wrong with the room in a directory, as a sentence; null while there is enough. */
export async function lackOfRoom(directory: string): Promise<string | null> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  return free < least
    ? `only ${mebibytes(free)} are free in ${directory}; nothing new is begun below ${mebibytes(least)}`
    : null;
}

/** Refuses to begin anything that writes while there is hardly any room. A rollback is never refused. */
export async function assertRoom(directory: string): Promise<void> {
  const lack = await lackOfRoom(directory);
  if (lack)
    throw new FairwayError("disk_full", lack, {
      hint: "make room; releases and deployments that run go on",
      retryable: true,
    });
}
