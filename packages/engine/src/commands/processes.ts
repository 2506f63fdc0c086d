import { closeSync, openSync, readFileSync, readSync, readdirSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import type { Millis } from "@fairway/core";

/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the boot and its start. */
  readonly startTicks: number;
  readonly bootId: string;
}

/** What `/proc` says of a process. */
interface ProcessStat {
  readonly pid: number;
  readonly zombie: boolean;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTicks: number;
}

/** The environment variable by which everything that a command started is found. Its value is the state directory. */
export const commandMarker = "FAIRWAY_COMMAND";

/** Linux gives times in `/proc` in hundredths of a second on every architecture. */
const ticksPerSecond = 100;

/** Names this boot of the machine. */
export const bootId = (): string => (knownBootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
let knownBootId: string | undefined;

/** The ticks since the boot: a clock that nobody can set, the one process starts are given in. */
export const ticksNow = (): number =>
  Math.round(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * ticksPerSecond);

/** A span of ticks as milliseconds. */
export const millisOf = (ticks: number): Millis => ticks * (1000 / ticksPerSecond);

/** Whether this very process still runs; one that only waits to be reaped does not. */
export function isAlive(process: ProcessIdentity): boolean {
  if (process.bootId !== bootId()) return false;
  const stat = readStat(process.pid);
  return stat !== undefined && !stat.zombie && stat.startTicks === process.startTicks;
}

/** Whoever uses the services waits for them; nobody waits for a build by the millisecond. */
const niceness = 10;

/**
 * Lets a process that was just started, and all that it will start, have the processor after the daemon and the services.
 * A session of its own is a scheduling group of its own to Linux, which then heeds only the niceness of the group. Where it
 * cannot be set the process runs like any other: that is no reason not to run it.
 */
export function stepBack(pid: number): void {
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch (thrown) {
    const { code = "" } = thrown as NodeJS.ErrnoException;
    // It has ended, it may not be set, there are no such groups here, or one was set a moment ago.
    if (!["ESRCH", "ENOENT", "EACCES", "EPERM", "EAGAIN", "ERR_SYSTEM_ERROR"].includes(code)) throw thrown;
  }
}

/** The group a process is in now. */
export const groupOf = (pid: number): number | undefined => readStat(pid)?.group;

/** Sends a signal to this very process; false when it is gone. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isAlive(target) && signalPid(target.pid, signal);
}

/** Sends a signal to the whole group that this process leads, at once, so that no fork slips through. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isAlive(leader) && signalPid(-leader.pid, signal);
}

function signalPid(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw thrown;
  }
}

/**
 * Everything that runs of a command: its session, whatever carries its marker in the environment, and the descendants
 * of both. A process that leaves the session, clears its environment and loses its parent is not found.
 */
export async function processesOfCommand(
  marker: string,
  runner: ProcessIdentity | undefined,
): Promise<readonly ProcessIdentity[]> {
  const boot = bootId();
  const session = runner !== undefined && runner.bootId === boot ? runner.pid : undefined;
  const wanted = Buffer.from(`${commandMarker}=${marker}`).toString("latin1");
  const all: ProcessStat[] = [];
  const members = new Set<number>();
  let seen = 0;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    // 120 processes take 1 ms; a busy machine has thousands, and others want the thread in between.
    if (++seen % 50 === 0) await new Promise((resume) => setImmediate(resume));
    const stat = readStat(pid);
    if (stat === undefined || stat.zombie) continue;
    // What is older than the command is none of it. To look at the environment costs as much again.
    if (session !== undefined && stat.startTicks < (runner?.startTicks ?? 0)) continue;
    // A session number that was given away again has a leader that started later than ours.
    const ours =
      session !== undefined &&
      (stat.session === session || stat.group === session) &&
      (pid !== session || stat.startTicks === runner?.startTicks);
    all.push(stat);
    if (ours || hasInEnvironment(pid, wanted)) members.add(pid);
  }
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all) {
      if (members.has(pid) || !members.has(parent)) continue;
      members.add(pid);
      grown = true;
    }
  }
  return all.filter(({ pid }) => members.has(pid)).map(({ pid, startTicks }) => ({ pid, startTicks, bootId: boot }));
}

/** The markers of all commands of which something runs, whoever started them. */
export async function markersInUse(): Promise<ReadonlySet<string>> {
  const markers = new Set<string>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = readProc(`/proc/${pid}/environ`)?.split("\0");
    const entry = environment?.find((candidate) => candidate.startsWith(`${commandMarker}=`));
    if (entry !== undefined) markers.add(Buffer.from(entry.slice(commandMarker.length + 1), "latin1").toString());
  }
  return markers;
}

function hasInEnvironment(pid: number, entry: string): boolean {
  const environment = readProc(`/proc/${pid}/environ`);
  return environment !== undefined && `\0${environment}\0`.includes(`\0${entry}\0`);
}

function readStat(pid: number): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The program's name stands in brackets and may hold anything, brackets too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    zombie: fields[0] === "Z" || fields[0] === "X",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTicks: Number(fields[19]),
  };
}

/** Read again and again: hundreds of times at the end of each command, which is when the thread is wanted most. */
const page = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A file below `/proc`; undefined when its process is gone or belongs to another user. The kernel makes its text at once
 * and in memory, so a call costs less than handing it to another thread, and half of what `readFileSync` costs.
 */
function readProc(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    let text = "";
    for (;;) {
      const length = readSync(file, page, 0, page.length, null);
      text += page.toString("latin1", 0, length);
      // These files are given a page at a time; what fits into one with room to spare was all.
      if (length === 0 || (text.length === length && length < 2048)) return text;
    }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return undefined;
    throw thrown;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
