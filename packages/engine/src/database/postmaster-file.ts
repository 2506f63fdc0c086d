import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What a running server wrote about itself into its cluster. */
export interface PostmasterFile {
  readonly pid: number;
  /** Empty while the server has not yet made its socket. */
  readonly socketDirectory: string;
  /** Whether it says that it takes connections. */
  readonly isReady: boolean;
}

/** Reads `postmaster.pid`; undefined when there is none or it is torn. It may be a leftover: ask `isPostmasterOf`. */
export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  let lines: readonly string[];
  try {
    lines = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, socketDirectory: lines[4] ?? "", isReady: lines[7]?.trim() === "ready" };
}

/**
 * Whether a process is alive and is the server of this cluster. After a power cut, or in a new container, the pid in the
 * file often belongs to something else; a server's working directory is its cluster, which nothing else has by accident.
 * A dead process that nobody has reaped has no working directory, so it counts as gone.
 */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  try {
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === cluster;
    // argv rather than `process title`: the postmaster keeps its own.
    return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8", stdio: "pipe" }).includes(
      cluster,
    );
  } catch {
    // No such process, or one that we may not look at and that is therefore not ours.
    return false;
  }
}

/** The server that runs on this cluster now, if one does. */
export function runningServer(cluster: string): PostmasterFile | undefined {
  const file = readPostmasterFile(cluster);
  return file !== undefined && isPostmasterOf(file.pid, cluster) ? file : undefined;
}

/** Whether any process has this pid. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
