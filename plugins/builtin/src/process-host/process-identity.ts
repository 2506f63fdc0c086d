import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { hasCode } from "./system-error.ts";

/** A process that cannot be taken for another: a bare pid is given to someone else sooner or later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the kernel counts it; only compared. */
  readonly startTime: string;
}

/** Whether the kernel shows its processes as files. */
export const hasProcFiles: boolean = existsSync("/proc/self/stat");

/** Differs after every start of the machine, after which no pid means what it meant. */
export const bootId: string = hasProcFiles
  ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
  : execFileSync("sysctl", ["-n", "kern.boottime"], { encoding: "utf8" }).trim();

/** What the kernel tells about one process. */
export interface ProcessStatus extends ProcessIdentity {
  readonly parent: number;
  readonly session: number;
  /** It has ended, and only its parent has not looked yet. */
  readonly ended: boolean;
}

/** The status of a process; null when there is none of this pid. */
function processStatus(pid: number): ProcessStatus | null {
  return hasProcFiles ? fromProc(pid) : (fromPs(["-p", String(pid)])[0] ?? null);
}

/** Every process of this machine that we may see. */
export function allProcesses(): readonly ProcessStatus[] {
  if (!hasProcFiles) return fromPs(["-ax"]);
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.flatMap((pid) => fromProc(pid) ?? []);
}

/** Whether this very process still runs. */
export function isRunning(identity: ProcessIdentity | null): boolean {
  if (identity === null) return false;
  const found = processStatus(identity.pid);
  return found !== null && !found.ended && found.startTime === identity.startTime;
}

/** Who has this pid now; also when it has just ended. */
export function identityOf(pid: number): ProcessIdentity | null {
  const found = processStatus(pid);
  return found === null ? null : { pid, startTime: found.startTime };
}

function fromProc(pid: number): ProcessStatus | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (thrown) {
    // Anything else, no file descriptors left say, does not tell that it ended.
    if (hasCode(thrown, "ENOENT", "ESRCH")) return null;
    throw thrown;
  }
  // The second field is the program's name in brackets, and may itself hold brackets and blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, , session] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) return null;
  // The first thread of a program may end before others do, which keep its files and sockets open.
  const ended = (state === "Z" || state === "X") && Number(fields[17]) <= 1;
  return { pid, parent: Number(parent), session: Number(session), startTime, ended };
}

function fromPs(which: readonly string[]): readonly ProcessStatus[] {
  let output: string;
  try {
    output = execFileSync("ps", [...which, "-o", "pid=,ppid=,pgid=,stat=,lstart="], { encoding: "utf8" });
  } catch {
    return []; // `ps -p` exits with 1 when there is no such process.
  }
  return output.split("\n").flatMap((line) => {
    const [pid, parent, group, state, ...start] = line.trim().split(/\s+/);
    if (pid === undefined || state === undefined) return [];
    // A replica's shim leads its own session and group; without /proc the group is what `ps` can tell.
    return {
      pid: Number(pid),
      parent: Number(parent),
      session: Number(group),
      startTime: start.join(" "),
      ended: state.startsWith("Z"),
    };
  });
}
