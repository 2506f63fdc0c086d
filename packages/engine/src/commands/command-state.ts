import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import type { Millis } from "@fairway/core";
import type { Grace } from "./end-processes.ts";
import { bootId, isAlive, type ProcessIdentity } from "./processes.ts";

/** How a command ended. */
export type CommandEnd =
  | { readonly ended: "exited"; readonly code: number }
  /** Also of a program that itself exits with 128 and the signal's number, as shells do for a child of theirs. */
  | { readonly ended: "signalled"; readonly signal: string }
  | { readonly ended: "timed-out" }
  | { readonly ended: "stopped" };

/** How a command ended, how long it ran, and the last lines it wrote. */
export type CommandOutcome = CommandEnd & {
  readonly duration: Millis;
  /** The whole masked output. */
  readonly log: string;
  readonly tail: readonly string[];
};

/** What is written down before a command is started, so that a later daemon can end it without being asked to run it. */
export interface CommandPlan {
  readonly program: string;
  readonly timeout: Millis;
  readonly grace: Grace;
  readonly bootId: string;
  /** Tells whether the values to mask are still those the command was started with. */
  readonly secretsDigest: string;
}

/** Where a command stands, by what is on disk and in the process table. */
export type CommandStatus =
  | { readonly is: "not-started" }
  | { readonly is: "running"; readonly runner: ProcessIdentity }
  | { readonly is: "ended"; readonly runner: ProcessIdentity; readonly code: number; readonly endTicks: number }
  | { readonly is: "never"; readonly why: "claimed" | "unrecorded" }
  | { readonly is: "lost"; readonly runner: ProcessIdentity | undefined; readonly why: "restarted" | "killed" };

const blank = " ".repeat(64);

/** What is known of one command: files that only Fairway's own user may read, beside the log that all may. */
export class CommandState {
  /** The command's place. Its path is also the marker that its processes carry. */
  readonly place: string;
  readonly directory: string;
  readonly raw: string;
  readonly log: string;

  constructor(place: string) {
    this.place = place;
    this.directory = join(place, "state");
    this.raw = join(this.directory, "raw");
    this.log = logOfCommand(place);
  }

  plan(): CommandPlan | undefined {
    const text = this.read("plan.json");
    return text === undefined ? undefined : (JSON.parse(text) as CommandPlan);
  }

  /**
   * Makes the directory and the plan durable: after a power cut we must know that the command may have run. A disk takes
   * milliseconds for that, in which others have the thread.
   */
  async prepare(plan: CommandPlan): Promise<void> {
    await mkdir(this.place, { recursive: true });
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    // Both are written over in place later: on a full disk a command must still end, and be ended.
    for (const name of ["outcome", "ending"]) {
      if (!existsSync(join(this.directory, name))) await this.write(name, blank);
    }
    await (await open(this.raw, "a", 0o600)).close();
    await this.write("plan.json", JSON.stringify(plan), "durably");
    await Promise.all([this.directory, this.place, dirname(this.place)].map(syncDirectory));
  }

  /**
   * The same for a caller who has written down durably that the command may run, and will not ask for it again after the
   * machine was restarted: that spares four waits for the disk.
   */
  prepareNow(plan: CommandPlan): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    for (const name of ["outcome", "ending"]) {
      const path = join(this.directory, name);
      if (!existsSync(path)) writeFileSync(path, blank, { mode: 0o600 });
    }
    writeFileSync(this.raw, "", { flag: "a", mode: 0o600 });
    const path = join(this.directory, "plan.json");
    writeFileSync(`${path}.new`, JSON.stringify(plan), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  status(plan: CommandPlan): CommandStatus {
    // In this order: what ended between the two looks has an outcome at the second.
    const record = this.record();
    const alive = record !== undefined && record !== "empty" && record !== "claimed" && isAlive(record);
    const outcome = this.outcome();
    if (record === "claimed") return { is: "never", why: "claimed" };
    if (record === "empty") return { is: "never", why: "unrecorded" };
    if (record !== undefined && outcome !== undefined) return { is: "ended", runner: record, ...outcome };
    if (plan.bootId !== bootId()) return { is: "lost", runner: record, why: "restarted" };
    if (record === undefined) return { is: "not-started" };
    return alive ? { is: "running", runner: record } : { is: "lost", runner: record, why: "killed" };
  }

  /** Takes the runner's place, so that none can start any more; false when one was faster. */
  claim(): boolean {
    try {
      writeFileSync(join(this.directory, "record"), "claimed", { flag: "wx", mode: 0o600 });
      return true;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw thrown;
    }
  }

  /** Why the command is being ended by us, if it is. */
  ending(): "stopped" | "timed-out" | undefined {
    const text = this.read("ending")?.trim();
    return text === "stopped" || text === "timed-out" ? text : undefined;
  }

  /** Written before the first signal: a daemon that dies on the way must come to the same outcome. */
  writeEnding(ending: "stopped" | "timed-out"): void {
    writeFileSync(join(this.directory, "ending"), ending.padEnd(blank.length), { flag: "r+" });
  }

  /** The outcome when all is done: processes gone, log complete. */
  finished(): CommandOutcome | undefined {
    const text = this.read("finished.json");
    return text === undefined ? undefined : (JSON.parse(text) as CommandOutcome);
  }

  async writeFinished(outcome: CommandOutcome): Promise<void> {
    await this.write("finished.json", JSON.stringify(outcome));
  }

  removeRaw(): void {
    rmSync(this.raw, { force: true });
  }

  private record(): ProcessIdentity | "claimed" | "empty" | undefined {
    const text = this.read("record");
    if (text === undefined) return undefined;
    if (text === "claimed") return "claimed";
    const [, pid, start, boot] = /^(\d+) (\d+) (\S+) \.$/.exec(text) ?? [];
    if (pid === undefined || start === undefined || boot === undefined) return "empty";
    return { pid: Number(pid), startTicks: Number(start), bootId: boot };
  }

  private outcome(): { readonly code: number; readonly endTicks: number } | undefined {
    const [, code, uptime] = /^(\d+) ([\d.]+) \./.exec(this.read("outcome") ?? "") ?? [];
    return uptime === undefined ? undefined : { code: Number(code), endTicks: Math.round(Number(uptime) * 100) };
  }

  private read(name: string): string | undefined {
    try {
      return readFileSync(join(this.directory, name), "utf8");
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw thrown;
    }
  }

  private async write(name: string, text: string, how?: "durably"): Promise<void> {
    const path = join(this.directory, name);
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(text);
      if (how === "durably") await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }
}

/** An exit status as a POSIX shell reports it: above 128 it is a signal's number. */
export function endOf(code: number): CommandEnd {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return code > 128 && signal !== undefined ? { ended: "signalled", signal } : { ended: "exited", code };
}

/** Where the masked output of the command in a place is. */
export const logOfCommand = (place: string): string => join(place, "log");

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
