import { setTimeout as sleep } from "node:timers/promises";
import { FairwayError, type Millis } from "@fairway/core";
import { groupOf, type ProcessIdentity, processesOfCommand, signalGroup, signalProcess } from "./processes.ts";

/** How long SIGKILL may take; a process in an uninterruptible wait for a device does not go before that wait ends. */
const killWait: Millis = 10_000;

/** A signal that asks a command to end, and how long it gets before the next. */
export interface EndingRung {
  readonly signal: "SIGINT" | "SIGTERM";
  readonly wait: Millis;
}

/** How a command is asked to end before it is made to: what it gets between SIGTERM and SIGKILL, or signals in their order. */
export type Grace = Millis | readonly EndingRung[];

/**
 * Ends everything that runs of a command: SIGTERM, or what else is asked, to its group and to what left the group, at last
 * SIGKILL, and waits until it is really gone. Safe to repeat. Throws `command_failed` when something cannot be ended.
 */
export async function endProcesses(marker: string, runner: ProcessIdentity | undefined, grace: Grace): Promise<void> {
  const rungs = typeof grace === "number" ? [{ signal: "SIGTERM", wait: grace } as const] : grace;
  for (const { signal, wait } of rungs) if (await sendUntilGone(signal, marker, runner, wait)) return;
  if (await sendUntilGone("SIGKILL", marker, runner, killWait)) return;
  const left = (await processesOfCommand(marker, runner)).map(({ pid }) => pid).join(", ");
  throw new FairwayError("command_failed", `processes ${left} did not end, even by SIGKILL`, {
    hint: "They wait for a device or a file system that does not answer; see `ps -o stat,wchan -p PID`.",
  });
}

/** What asks to end goes to each process once, SIGKILL again and again to whatever was forked meanwhile. */
async function sendUntilGone(
  signal: EndingRung["signal"] | "SIGKILL",
  marker: string,
  runner: ProcessIdentity | undefined,
  within: Millis,
): Promise<boolean> {
  const until = performance.now() + within;
  const told = new Set<string>();
  for (let pause = 5; ; pause = Math.min(100, pause * 1.5)) {
    const left = await processesOfCommand(marker, runner);
    if (left.length === 0) return true;
    const group = runner !== undefined && (signal === "SIGKILL" || told.size === 0) && signalGroup(runner, signal);
    for (const found of left) {
      const name = `${found.pid}/${found.startTicks}`;
      // The group has heard it, but who left the group since it was looked at has not. Two signals to one process are
      // to be avoided: some programs take the second SIGTERM for "at once".
      const heard = told.has(name) || (group && groupOf(found.pid) === runner?.pid);
      if (signal === "SIGKILL" || !heard) signalProcess(found, signal);
      told.add(name);
    }
    const rest = until - performance.now();
    if (rest <= 0) return false;
    await sleep(Math.min(pause, rest));
  }
}
