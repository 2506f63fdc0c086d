import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import { makeDirectory } from "@fairway/engine/make-directory";
import { directoryUnusable } from "./directory-unusable.ts";
import { writeWhole } from "./write-whole.ts";

/** Who holds a data directory, as the file beside it tells. */
export interface DaemonRecord {
  readonly pid: number;
  readonly startedAt: string;
  readonly version: string;
  readonly repository: string;
  /** Null while it is still starting. */
  readonly url: string | null;
}

export interface DaemonLock {
  /** Tells others who holds the directory and where it answers. */
  announce(record: DaemonRecord): Promise<void>;
  release(): Promise<void>;
}

const recordFile = "daemon.json";

/**
 * Takes a data directory for this process, or refuses at once. The lock is an abstract socket named after the
 * directory: the kernel frees it with the process, also at kill -9, and it cannot be left behind or stolen, which a
 * file with a heartbeat can. Where there are no abstract sockets it is a socket file, freed by asking whether anyone answers.
 */
export async function lockDataDirectory(directory: string): Promise<DaemonLock> {
  await makeDirectory(directory).catch((cause: unknown) => {
    throw directoryUnusable(`cannot make the data directory ${directory}`, cause);
  });
  const name = await lockName(directory);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(name, resolve);
  }).catch(async (cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "EADDRINUSE") throw await heldBy(directory);
    throw directoryUnusable(`cannot lock the data directory ${directory}`, cause);
  });
  server.unref();
  return {
    announce: (record) => writeRecord(directory, record),
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const lockName = async (directory: string): Promise<string> => {
  const hash = createHash("sha256")
    .update(await realpath(directory))
    .digest("hex")
    .slice(0, 32);
  return process.platform === "linux" ? `\0fairway-${hash}` : join(directory, "daemon.lock");
};

async function heldBy(directory: string): Promise<FairwayError> {
  const record = await readDaemonRecord(directory);
  const who = record ? `pid ${record.pid}` : "a process that is just starting";
  return new FairwayError("daemon_running", `the data directory ${directory} is held by another daemon, ${who}`, {
    hint: "use that one, end it with: fairway down, or give another directory with --data",
  });
}

async function writeRecord(directory: string, record: DaemonRecord): Promise<void> {
  await writeWhole(join(directory, recordFile), `${JSON.stringify(record, null, 2)}\n`);
}

/** Who holds, or last held, a data directory; null when nobody ever did. */
export async function readDaemonRecord(directory: string): Promise<DaemonRecord | null> {
  try {
    return JSON.parse(await readFile(join(directory, recordFile), "utf8")) as DaemonRecord;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new FairwayError("data_directory_unusable", `cannot read ${join(directory, recordFile)}`, { cause: thrown });
  }
}
