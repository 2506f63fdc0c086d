import type { Millis, Replica, ReplicaEvidence } from "@fairway/core";
import type { ContainerEngine } from "../container-engine/container-engine.ts";
import { onAndOn, watchHealth } from "../process-host/health-watch.ts";
import { holderOf } from "../process-host/listening-sockets.ts";
import type { ProcessIdentity } from "../process-host/process-identity.ts";
import { bootId, hasProcFiles, identityOf, isRunning } from "../process-host/process-identity.ts";
import { evidenceTail, exitOf, withheldLog } from "../process-host/replica-left.ts";
import type { LogLimits } from "../process-host/replica-log.ts";
import { lastLines } from "../process-host/replica-log.ts";
import { familyOf } from "../process-host/replica-processes.ts";
import { uptime } from "../process-host/replica-record.ts";
import { secretsHider } from "../process-host/secrets-hider.ts";
import { wakeablePause } from "../process-host/wakeable-pause.ts";
import type { ContainerState } from "./container-life.ts";
import { containerState, endReason } from "./container-life.ts";
import { copyLog, lastLinesOf } from "./container-log.ts";
import { processOfContainer } from "./container-process.ts";
import type { ContainerFiles, ContainerRecord } from "./container-record.ts";
import { writeContainerRecord } from "./container-record.ts";

/** A replica in a container that is being looked after, from its start or its adoption to its end. */
export interface SupervisedContainer {
  readonly record: ContainerRecord;
  /** As it is now: the container is looked at, the health is what was answered last. */
  look(): Promise<Replica>;
  /** What it left, or has to show so far. */
  evidence(): Promise<ReplicaEvidence>;
  /** The first process of it, as the machine knows it; null when there is none. */
  pid(): Promise<number | null>;
  /** Ends it; returns when nothing of it runs. */
  stop(grace: Millis): Promise<void>;
  /** Returns when all that an ended one wrote is in our file, or the engine takes too long to show it. */
  logCopied(): Promise<void>;
  /** Looks after it no longer; the service goes on. */
  close(): void;
}

/** What a replica is looked after with. */
export interface ContainerCare {
  readonly engine: ContainerEngine;
  readonly files: ContainerFiles;
  readonly logLimits: LogLimits;
  /** Null for one that an earlier daemon started: what it may write as a secret is known to nobody here. */
  readonly secrets: readonly string[] | null;
}

const endingPause: Millis = 20;
/** Of one that has ended: an engine that is slow to show its log must not keep a name taken. */
const copiedWithin: Millis = 3000;
/** Looks after one replica: asks its health, notices its end, copies its log and keeps its record. */
export function superviseContainer(first: ContainerRecord, care: ContainerCare): SupervisedContainer {
  const { engine, files, secrets } = care;
  const known = secrets ?? (first.hasSecrets ? null : []);
  const hide = secretsHider(known ?? []);
  const closed = new AbortController();
  const ended = new AbortController();
  const pause = wakeablePause();
  let record = first;
  let saved = true;
  /** How it was found when it ran: so it is for as long as its first process runs. */
  let seen: { readonly found: ContainerState; readonly process: ProcessIdentity } | null = null;
  /** How it was found when it had ended: that does not change any more. */
  let end: ContainerState | null = null;
  let settling: Promise<void> | null = null;
  let stopping: Promise<void> | null = null;

  /** The record in memory is what counts; one that could not be written, on a full disk say, is tried again. */
  function save(changes: Partial<ContainerRecord>): void {
    record = { ...record, ...changes };
    try {
      writeContainerRecord(files, record);
      saved = true;
    } catch {
      saved = false;
    }
  }

  async function state(): Promise<ContainerState> {
    if (end !== null) return end;
    if (record.container === null) return neverStarted;
    if (seen !== null && isRunning(seen.process)) return seen.found;
    const found = await containerState(engine, record.container);
    const process = processOfContainer(found, record.container);
    seen = process === null ? null : { found, process };
    if (found.phase === "running") return found;
    // What was made and never started is as good as one that ended.
    end = found;
    ended.abort();
    pause.wake();
    return found;
  }

  const isAlive = async (): Promise<boolean> => (await state()).phase === "running";

  /** Whether nothing but the init that we have it started with is left: it goes too, and then its exit code tells more. */
  const isEnding = (): boolean =>
    seen !== null &&
    familyOf(seen.process.pid)
      .slice(1)
      .every((pid) => !isRunning(identityOf(pid)));

  async function withLog(reason: string): Promise<string> {
    if (record.container === null) return reason;
    if (known === null) return `${reason}; what it wrote last is in its log only, since it may hold secrets`;
    const lines = await lastLinesOf(engine, record.container, hide);
    return lines.length === 0
      ? `${reason}; it wrote nothing to its log`
      : [`${reason}; its last lines:`, ...lines].join("\n");
  }

  /** Once it has ended: keeps how. Tried anew by the next who looks when the engine could not be asked. */
  function settle(found: ContainerState): Promise<void> {
    settling ??= (async () => {
      if (record.failed !== null || record.stopBy !== null) return;
      const failed =
        record.bootId === bootId
          ? await withLog(endReason(found, record.limits?.memory))
          : "ended with the machine, which was started anew";
      if (record.failed === null && record.stopBy === null)
        save({ failed, sightings: health.sightings, exit: exitOf(found.exitCode, found.ranOutOfMemory) });
    })().catch((thrown: unknown) => {
      settling = null;
      throw thrown;
    });
    return settling;
  }

  async function fail(reason: string): Promise<void> {
    // What it was given up for first is why; what it does while it ends is not.
    const failed = await withLog(reason);
    if (record.failed === null) save({ failed, sightings: health.sightings });
  }

  /** Whose processes those are that share the machine's network; null when they cannot be seen. */
  async function family(): Promise<readonly number[] | null> {
    const { pid } = await state();
    return record.sharesNetwork && hasProcFiles && pid !== null ? familyOf(pid) : null;
  }

  async function isItself(): Promise<boolean> {
    const own = await family();
    return own === null || holderOf(record.port, own) !== "foreign";
  }

  const health = watchHealth({
    record: () => record,
    isAlive,
    isItself,
    isEnding,
    processes: async () => {
      const own = await family();
      return own === null ? null : { all: own, service: own };
    },
    becameReady: (readyAt) => save({ readyAt }),
    fail,
    saveAgain: () => saved || save({}),
    hide: known === null ? null : hide,
    closed: closed.signal,
    pause,
  });

  async function watch(): Promise<void> {
    if (record.failed === null && record.stopBy === null) await health.goOn();
    if (closed.signal.aborted) return;
    const found = await state();
    if (found.phase !== "running") await settle(found);
  }

  async function bringToAnEnd(deadline: Millis): Promise<void> {
    const { container } = record;
    if (container === null) return;
    const tell = async (signal: string): Promise<void> => {
      try {
        await engine.call(`end ${record.name}`, async (docker) => docker.getContainer(container).kill({ signal }));
      } catch (thrown) {
        // One that has ended by itself meanwhile cannot be told; engines say so in different ways.
        if (await isAlive()) throw thrown;
      }
    };
    if (uptime() < deadline) await tell((await state()).stopSignal);
    while ((await isAlive()) && uptime() < deadline)
      await pause.upTo(Math.min(endingPause, Math.max(1, deadline - uptime())));
    for (let told = false; await isAlive(); told = true) {
      if (!told) await tell("SIGKILL");
      await pause.upTo(endingPause);
    }
  }

  function stop(grace: Millis): Promise<void> {
    stopping ??= (async () => {
      if (!(await isAlive())) return settle(await state());
      // One that dies while it is told to end did what it was told.
      if (record.stopBy === null) save({ stopBy: uptime() + grace });
      pause.wake();
      await bringToAnEnd(uptime() + grace);
      await settle(await state());
    })().finally(() => (stopping = null));
    return stopping;
  }

  async function look(): Promise<Replica> {
    const found = await state();
    const alive = found.phase === "running";
    if (!alive) await settle(found);
    const { name, release, port, failed } = record;
    const now = failed !== null ? "failed" : !alive ? "stopped" : isReady() ? "ready" : "starting";
    return {
      name,
      release,
      state: now,
      alive,
      busy: alive ? health.busy : 0,
      healthyFor: now === "ready" ? health.healthyFor() : 0,
      endpoint: { replica: name, host: "127.0.0.1", port },
      ...(failed === null ? {} : { reason: failed }),
    };
  }

  async function evidence(): Promise<ReplicaEvidence> {
    const found = await state();
    if (found.phase !== "running") {
      await settle(found);
      await Promise.race([copying, pause.exactly(copiedWithin)]);
    }
    const ended = found.phase === "ended" ? exitOf(found.exitCode, found.ranOutOfMemory) : null;
    return {
      exit: record.exit ?? ended,
      log: known === null ? [] : lastLines(files.log, 0, hide, evidenceTail),
      logWithheld: known === null ? withheldLog : null,
      health: health.sightings,
    };
  }

  const isReady = (): boolean => record.readyAt !== null && record.stopBy === null;

  void onAndOn(watch, { closed: closed.signal, pause });
  const { container } = record;
  const copying =
    container === null
      ? Promise.resolve()
      : copyLog({
          engine,
          container,
          files,
          limits: care.logLimits,
          signal: closed.signal,
          pause,
          ended: ended.signal,
        });
  return {
    get record() {
      return record;
    },
    look,
    evidence,
    pid: async () => (await state()).pid,
    stop,
    logCopied: () => Promise.race([copying, pause.exactly(copiedWithin)]),
    close() {
      closed.abort();
      pause.wake();
    },
  };
}

const neverStarted: ContainerState = {
  phase: "gone",
  pid: null,
  exitCode: null,
  ranOutOfMemory: false,
  stopSignal: "SIGTERM",
};
