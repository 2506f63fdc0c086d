import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Millis } from "@fairway/core";
import type { SeenWorker, Worker } from "../store/workers.ts";

/** How long a worker may be silent, and how often it speaks. */
export interface LeaseTimes {
  readonly heartbeat: Millis;
  readonly lease: Millis;
}

/**
 * The right of this process to begin steps. It runs out by itself, measured on the clock that nobody can set, and comes
 * back with the next heartbeat that the database takes: only the database can say that it is lost for good.
 */
export class Lease {
  #validUntil = 0;
  #lost = false;
  #waiting: (() => void)[] = [];
  readonly #lease: Millis;

  constructor(lease: Millis) {
    this.#lease = lease;
  }

  /** The heartbeat that was sent then was taken. */
  renewed(sentAt: number): void {
    this.#validUntil = sentAt + this.#lease;
    for (const go of this.#waiting.splice(0)) go();
  }

  lose(): void {
    this.#lost = true;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Waits until a step may begin. When the lease is lost it never answers. */
  async mayBegin(): Promise<void> {
    while (this.#lost || performance.now() >= this.#validUntil)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * Who has been silent for too long. It watches for heartbeats to move, over its own unsettable clock, and compares no
 * times of day: a clock that jumps on any machine kills nobody.
 */
export class Observer {
  readonly #seen = new Map<string, { readonly beat: number; readonly since: number }>();
  readonly #lease: Millis;
  readonly #longestGap: Millis;
  #lastLook = 0;

  constructor({ heartbeat, lease }: LeaseTimes) {
    this.#lease = lease;
    this.#longestGap = heartbeat + lease / 2;
  }

  /** Judges what was seen just now. */
  dead(workers: readonly SeenWorker[], now: number = performance.now()): readonly SeenWorker[] {
    // We did not look for so long that we were the ones who slept.
    if (now - this.#lastLook > this.#longestGap) this.#seen.clear();
    this.#lastLook = now;
    const dead: SeenWorker[] = [];
    for (const worker of workers) {
      const before = this.#seen.get(worker.id);
      if (before === undefined || before.beat !== worker.beat)
        this.#seen.set(worker.id, { beat: worker.beat, since: now });
      else if (now - before.since > this.#lease) dead.push(worker);
    }
    for (const id of this.#seen.keys()) if (!workers.some((worker) => worker.id === id)) this.#seen.delete(id);
    return dead;
  }
}

/** This process as a worker. */
export function thisWorker(): Worker {
  return {
    id: `${hostname()}-${process.pid}-${randomUUID()}`,
    host: thisHost(),
    pid: process.pid,
    processStarted: startOf(process.pid) ?? "",
  };
}

/**
 * Whether a worker of this machine is certainly gone, so that nobody has to wait for its lease: a daemon that was killed
 * and started again goes on at once.
 */
export function isGone(worker: Worker): boolean {
  if (worker.host !== thisHost()) return false;
  const started = startOf(worker.pid);
  return started === undefined || (worker.processStarted !== "" && started !== worker.processStarted);
}

/** Pids mean something only within one boot of one machine and one process namespace of it. */
function thisHost(): string {
  if (process.platform !== "linux") return hostname();
  return [
    hostname(),
    readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    readlinkSync("/proc/self/ns/pid"),
  ].join(" ");
}

/** When a process started, in whatever form the system gives; undefined when there is none with this pid. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      // Field 22; the program's name before it may hold spaces and brackets. A zombie is gone as well.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    }
    return (
      execFileSync("ps", ["-p", String(pid), "-o", "lstart="], { encoding: "utf8", stdio: "pipe" }).trim() || undefined
    );
  } catch {
    // There is no such process.
    return undefined;
  }
}
