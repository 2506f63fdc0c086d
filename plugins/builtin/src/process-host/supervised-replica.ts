import { existsSync } from "node:fs";
import type { Bytes, Millis, Replica, ReplicaEvidence } from "@fairway/core";
import { textOfBytes } from "@fairway/core";
import { memoryKills, removeGroups } from "./control-groups.ts";
import { exitReason } from "./exit-reason.ts";
import { onAndOn, watchHealth } from "./health-watch.ts";
import { endHousehold } from "./household-end.ts";
import { holderOf } from "./listening-sockets.ts";
import { usesMoreThan } from "./memory-use.ts";
import { bootId, identityOf, isRunning } from "./process-identity.ts";
import { evidenceTail, exitOf, withheldLog } from "./replica-left.ts";
import { lastLines } from "./replica-log.ts";
import { familyOf, processesOf, signal } from "./replica-processes.ts";
import type { ReplicaFiles, ReplicaRecord } from "./replica-record.ts";
import { readNumber, uptime, writeRecord } from "./replica-record.ts";
import { secretsHider } from "./secrets-hider.ts";
import { wakeablePause } from "./wakeable-pause.ts";

/** A replica that is being looked after, from its start or its adoption to its end. */
export interface SupervisedReplica {
  readonly record: ReplicaRecord;
  /** As it is now: the process is looked at, the health is what was answered last. */
  look(): Promise<Replica>;
  /** What it left, or has to show so far. */
  evidence(): Promise<ReplicaEvidence>;
  /** Ends it; returns when nothing of it is left. */
  stop(grace: Millis): Promise<void>;
  /** The shim is our child, and it has ended. */
  shimEnded(): void;
  /** Looks after it no longer; the service goes on. */
  close(): void;
}

/** What a service left behind when it died gets this long to end by itself. */
const leftoverGrace: Millis = 500;

const memoryLookedAtEvery: Millis = 1000;
/** One that uses too much gets this long to end by itself: meanwhile it may use still more. */
const tooLargeGrace: Millis = 1000;

/** 128 and the number of SIGKILL. */
const killedCode = 137;

/** Looks after one replica: asks its health, notices its end, and keeps its record. */
export function superviseReplica(
  first: ReplicaRecord,
  files: ReplicaFiles,
  secrets: readonly string[] | null,
): SupervisedReplica {
  // One that was started by an earlier daemon may write secrets that nobody here knows.
  const known = secrets ?? (first.hasSecrets === false ? [] : null);
  const hide = secretsHider(known ?? []);
  let record = first;
  let saved = true;
  const closed = new AbortController();
  let stopping: Promise<void> | null = null;
  let settling: Promise<void> | null = null;
  /** Nothing is left of it. What was never started, or before the machine's last start, leaves nothing. */
  let cleared = first.shim === null || first.bootId !== bootId;
  const pause = wakeablePause();

  /** The record in memory is what counts; one that could not be written, on a full disk say, is tried again. */
  function save(changes: Partial<ReplicaRecord>): void {
    record = { ...record, ...changes };
    try {
      writeRecord(files, record);
      saved = true;
    } catch {
      saved = false;
    }
  }

  /** Whether the service runs. Until its pid is known its shim stands for it. */
  function isAlive(): boolean {
    if (record.service === null) {
      const pid = readNumber(files.pid);
      // The pid is taken only while the shim is there to tell that it is its child's.
      if (pid !== null && isRunning(record.shim)) record = { ...record, service: identityOf(pid) };
    }
    return !cleared && isRunning(record.service ?? record.shim);
  }

  const family = (): readonly number[] => (record.service === null ? [] : familyOf(record.service.pid));
  const everyone = (): readonly number[] => processesOf({ home: files.home, shim: record.shim }).map(({ pid }) => pid);

  const withLog = (reason: string): string => {
    if (known === null) return `${reason}; what it wrote last is in its log only, since it may hold secrets`;
    const lines = lastLines(files.log, record.logFrom, hide);
    return lines.length === 0
      ? `${reason}; it wrote nothing to its log`
      : [`${reason}; its last lines:`, ...lines].join("\n");
  };

  function howItExited(): string {
    const code = readNumber(files.exit);
    const kills = memoryKills(record.groups ?? []);
    const memory = record.limits?.memory;
    if (memory === undefined) return exitReason(code);
    // A scope of systemd is gone with what was in it, and what it counted too.
    if (kills === 0 && code === killedCode && record.groups?.length === 0 && record.watchMemory !== true)
      return `${exitReason(code)}, perhaps by the kernel for using more than ${textOfBytes(memory)}`;
    if (kills === 0) return exitReason(code);
    const tooMuch = `was ended for using more than ${textOfBytes(memory)}`;
    return code === killedCode || code === null ? tooMuch : `${exitReason(code)}, after a process of it ${tooMuch}`;
  }

  const howItEnded = (): string =>
    record.bootId === bootId ? withLog(howItExited()) : "ended with the machine, which was started anew";

  /** Once the service has ended: keeps how, and ends what it left behind. */
  function settle(): Promise<void> {
    settling ??= (async () => {
      // The shim writes the exit code within a few milliseconds of the end.
      for (let waited = 0; waited < 100 && isRunning(record.shim); waited++) await pause.exactly(2);
      if (record.failed === null && record.stopBy === null) save({ failed: howItEnded(), sightings: health.sightings });
    })();
    return settling;
  }

  async function clear(deadline: Millis): Promise<void> {
    await endHousehold({ home: files.home, shim: record.shim }, deadline);
    removeGroups(record.groups ?? []);
    cleared = true;
  }

  function fail(reason: string): void {
    // What it was given up for first is why; what it does while it ends is not.
    if (record.failed === null) save({ failed: withLog(reason), sightings: health.sightings });
  }

  const health = watchHealth({
    record: () => record,
    isAlive,
    isItself: () => holderOf(record.port, family()) === "ours" || holderOf(record.port, everyone()) === "ours",
    isEnding: () => false,
    processes: () => ({ all: everyone(), service: family() }),
    becameReady: (readyAt) => save({ readyAt }),
    fail,
    saveAgain: () => saved || save({}),
    hide: known === null ? null : hide,
    closed: closed.signal,
    pause,
  });

  async function watch(): Promise<void> {
    if (record.failed === null && record.stopBy === null) await health.goOn();
    if (closed.signal.aborted || isAlive()) return;
    await settle();
    if (record.stopBy === null) await clear(uptime() + leftoverGrace);
  }

  /** Does what the kernel would, where it does not: looks at the service and its children, and ends what is too large. */
  async function watchMemory(limit: Bytes): Promise<void> {
    while (!closed.signal.aborted && record.stopBy === null && isAlive()) {
      if (usesMoreThan(limit, family())) {
        fail(`was ended for using more than ${textOfBytes(limit)}`);
        return clear(uptime() + tooLargeGrace);
      }
      await pause.upTo(memoryLookedAtEvery);
    }
  }

  async function end(deadline: Millis): Promise<void> {
    while (!existsSync(files.begun) && isRunning(record.shim) && uptime() < deadline) await pause.exactly(2);
    // Through the shim, which passes it to the whole group exactly once.
    if (isRunning(record.shim)) signal(record.shim as NonNullable<typeof record.shim>, "SIGTERM");
    else for (const found of processesOf({ home: files.home, shim: record.shim })) signal(found, "SIGTERM");
    while (isAlive() && uptime() < deadline) await pause.upTo(Math.min(10, Math.max(1, deadline - uptime())));
    // With the shim gone too, one look at the processes is enough.
    if (!isAlive()) await settle();
    await clear(deadline);
    await settle();
  }

  function stop(grace: Millis): Promise<void> {
    if (cleared) return settle();
    if (stopping === null) {
      // One that dies while it is told to end did what it was told.
      if (record.stopBy === null && isAlive()) save({ stopBy: uptime() + grace });
      pause.wake();
      stopping = end(uptime() + grace).finally(() => (stopping = null));
    }
    return stopping;
  }

  const isReady = (): boolean => record.readyAt !== null && record.stopBy === null;

  async function look(): Promise<Replica> {
    const alive = isAlive();
    if (!alive) await settle();
    const { name, release, port, failed } = record;
    const state = failed !== null ? "failed" : !alive ? "stopped" : isReady() ? "ready" : "starting";
    return {
      name,
      release,
      state,
      alive: alive || !cleared,
      busy: alive ? health.busy : 0,
      healthyFor: state === "ready" ? health.healthyFor() : 0,
      endpoint: { replica: name, host: "127.0.0.1", port },
      ...(failed === null ? {} : { reason: failed }),
    };
  }

  async function evidence(): Promise<ReplicaEvidence> {
    const alive = isAlive();
    if (!alive) await settle();
    const isTooLarge = memoryKills(record.groups ?? []) > 0 || (record.failed ?? "").includes("for using more than");
    return {
      exit: alive || record.bootId !== bootId ? null : exitOf(readNumber(files.exit), isTooLarge),
      log: known === null ? [] : lastLines(files.log, record.logFrom, hide, evidenceTail),
      logWithheld: known === null ? withheldLog : null,
      health: health.sightings,
    };
  }

  const care = { closed: closed.signal, pause };
  void onAndOn(watch, care);
  const memory = record.limits?.memory;
  if (record.watchMemory === true && memory !== undefined) void onAndOn(() => watchMemory(memory), care);
  return {
    get record() {
      return record;
    },
    look,
    evidence,
    stop,
    shimEnded: () => pause.wake(),
    close() {
      closed.abort();
      pause.wake();
    },
  };
}
