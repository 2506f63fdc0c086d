import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A process of a story. */
export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Every process that knows a story's directory: by its arguments, its working directory or its environment. The last
 * finds what a service has forked away.
 */
export function processesOf(place: string): readonly FoundProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({
      pid: Number(name),
      command: read(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim(),
      knows: [read(`/proc/${name}/cmdline`), read(`/proc/${name}/environ`), directoryOf(name)].some((text) =>
        text.includes(place),
      ),
    }))
    .filter(({ knows, pid }) => knows && isAlive(pid))
    .map(({ pid, command }) => ({ pid, command }));
}

/** Kills what is left of a story, so that one story that fails does not spoil the next. */
export async function endWhatIsLeft(place: string): Promise<void> {
  await until(
    () => {
      const left = processesOf(place);
      for (const { pid } of left) kill(pid, "SIGKILL");
      return left.length === 0;
    },
    "what was left has ended",
    10_000,
  );
}

/** Whether there is such a process; one that has ended and was not yet waited for does not count. */
export const isAlive = (pid: number): boolean => !["", "Z", "X"].includes(stateOf(pid));

/** Sends a signal; false when there is no such process. */
function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has just ended
  }
}

/** Throws when something still listens there. */
export function assertRefused(address: string): Promise<void> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once("error", () => resolve());
    socket.once("connect", () => {
      socket.destroy();
      reject(new Error(`something still listens on ${address}`));
    });
  });
}

/** Waits for what the machine does not announce, such as the end of a process of somebody else's. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, within = 15_000): Promise<void> {
  const deadline = performance.now() + within;
  // Looks often at first: a look may cost a daemon a dozen questions.
  for (let pause = 10; !(await holds()); pause = Math.min(60, pause * 1.3)) {
    if (performance.now() > deadline) throw new Error(`not within ${within / 1000} s: ${what}`);
    await wait(pause);
  }
}

const stateOf = (pid: number): string => /\) (\w)/.exec(read(`/proc/${pid}/stat`))?.[1] ?? "";

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has just ended, or is not ours to read
  }
}

function directoryOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ""; // as above
  }
}
