import { mkdirSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { FencingToken, Millis, Replica, ReplicaHost, ReplicaSpec, Timestamp } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { removeGroups } from "./control-groups.ts";
import { endHousehold } from "./household-end.ts";
import { fencesIn } from "./fences.ts";
import type { PortRange } from "./free-port.ts";
import { firstOf, portsIn } from "./free-port.ts";
import { bootId } from "./process-identity.ts";
import { clearReplicaFolders, replicaFolders } from "./replica-folders.ts";
import type { HeldLimits, LimitEnforcement, LimitKeeper } from "./replica-limits.ts";
import { limitKeeper, notHeld } from "./replica-limits.ts";
import { listenedIn, strangerOn } from "./listening-sockets.ts";
import type { LogLimits } from "./replica-log.ts";
import { sizeOf, turnOver } from "./replica-log.ts";
import { homesWithProcesses, homeVariable } from "./replica-processes.ts";
import type { ReplicaRecord } from "./replica-record.ts";
import { filesOf, readRecord, uptime, writeRecord } from "./replica-record.ts";
import { hasCode } from "./system-error.ts";
import { startObstacle } from "./start-obstacle.ts";
import { serviceReplicas } from "./service-replicas.ts";
import { clearTraces, startProcess } from "./start-process.ts";
import type { SupervisedReplica } from "./supervised-replica.ts";
import { superviseReplica } from "./supervised-replica.ts";

/** Where replicas live and what they get. */
export interface ProcessHostOptions {
  /** Absolute; one folder per replica in it. Belongs to one daemon at a time. */
  readonly directory: string;
  /** Private to this host; 20000 to 29999 unless told otherwise. */
  readonly ports?: PortRange;
  readonly log?: LogLimits;
  /** What every replica gets beside its own environment; PATH, HOME and LANG of the daemon unless told otherwise. */
  readonly baseEnvironment?: Readonly<Record<string, string>>;
  /** Told once about each limit that cannot be enforced as it is written. */
  readonly tell?: (message: string) => void;
  /** Control groups, or what else there is, unless told otherwise. */
  readonly limits?: LimitKeeper;
}

/** A replica of any service, for people to look at. */
export interface HostedReplica extends Replica {
  /** `production/api`. */
  readonly scope: string;
  readonly pid: number | null;
  readonly startedAt: Timestamp;
  readonly log: string;
}

/** Somebody who listens on a port that is kept for replicas. */
export interface PortStranger {
  readonly port: number;
  /** `pid 4711 (nginx)`; null when it cannot be seen. */
  readonly who: string | null;
}

/** All the processes that Fairway runs on this machine. They live on when it ends, and are adopted when it is back. */
export interface ProcessHost {
  /** Which limits this machine can hold a service to. */
  readonly enforcement: LimitEnforcement;
  /** Where replicas listen. */
  readonly ports: PortRange;
  /** Who else listens in this range: a port, and the process as far as it can be seen. */
  strangers(): Promise<readonly PortStranger[]>;
  /** The replicas of one service in one environment. */
  forService(environment: string, service: string): ReplicaHost;
  /** Every replica on record. */
  all(): Promise<readonly HostedReplica[]>;
  /** Ends every replica, whoever holds it: the machine's owner asked. */
  stopAll(grace: Millis): Promise<void>;
  /** Where a replica writes; older parts are beside it with `.1`, `.2` … Stays for a while after it was forgotten. */
  logPath(name: string): string;
  /** Looks after them no longer; the services go on. */
  close(): void;
}

const defaultPorts: PortRange = { from: 20_000, to: 29_999 };
const defaultLog: LogLimits = { bytes: 16 * 1024 * 1024, keep: 3 };
const logsLookedAtEvery: Millis = 1000;

/** Of strangers on the ports of services, as many as somebody is told by name. */
const strangersNamed = 5;

/** Runs replicas as plain processes, each under a shim that outlives the daemon. */
export function processHost(options: ProcessHostOptions): ProcessHost {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  // By its one real name, since processes are found again by it.
  const directory = realpathSync(options.directory);
  const range = options.ports ?? defaultPorts;
  const ports = portsIn(range, firstOf(range));
  const replicas = new Map<string, SupervisedReplica>();
  const starting = new Map<string, Promise<void>>();
  const logPath = (name: string): string => filesOf(join(directory, name)).log;

  const limits = options.limits ?? limitKeeper(directory);
  const toldLacks = new Set<string>();

  const fences = fencesIn(join(directory, "fences.json"));
  const opened = adopt();
  // Everybody who calls awaits it and is told; until somebody does it must not count as unhandled.
  opened.catch(() => undefined);
  let logsTurning = false;
  const logTimer = setInterval(() => void turnLogsOver(), logsLookedAtEvery).unref();

  /** Goes on with what an earlier daemon left; what is not on record has nobody to answer for it and is ended. */
  async function adopt(): Promise<void> {
    const there = homesWithProcesses(directory);
    const unclaimed = new Set(there.keys());
    for (const name of replicaFolders(directory)) {
      const files = filesOf(join(directory, name));
      let record = readRecord(files);
      if (record === null) continue;
      // Killed between the start of the shim and the writing of its record: the mark in its environment tells.
      const leader = (there.get(files.home) ?? []).find((found) => found.session === found.pid);
      if (record.shim === null && record.failed === null && leader) record = { ...record, shim: leader };
      if (record.shim === null && record.failed === null) await rm(files.record, { force: true });
      else goOn(supervise(record));
      unclaimed.delete(files.home);
    }
    await Promise.all([...unclaimed].map((home) => endHousehold({ home, shim: null }, uptime() + 1000)));
    limits.sweep(new Set([...replicas.values()].flatMap(({ record }) => record.groups ?? [])));
  }

  /** Each start has groups of its own: what an earlier one of the same name left must not count for it. */
  const hold = (scope: string, spec: ReplicaSpec): HeldLimits =>
    limits.hold(`${spec.name}.${uptime()}`, spec.limits ?? {}, (lack) => tellLack(scope, lack));

  /** What a service is not held to is the same for all its replicas, and told once. */
  function tellLack(scope: string, lack: string): void {
    const message = `${scope}: ${lack}`;
    if (toldLacks.has(message)) return;
    toldLacks.add(message);
    options.tell?.(message);
  }

  /** Finishes a stop that the daemon did not live to see the end of. */
  function goOn(replica: SupervisedReplica): void {
    const { stopBy } = replica.record;
    // Whoever asks for the stop again joins this one, and is told when it cannot be done.
    if (stopBy !== null) replica.stop(Math.max(0, stopBy - uptime())).catch(() => undefined);
  }

  /** The secrets of one that was adopted are not known. */
  function supervise(record: ReplicaRecord, secrets: readonly string[] | null = null): SupervisedReplica {
    const replica = superviseReplica(record, filesOf(join(directory, record.name)), secrets);
    ports.hold(record.port);
    replicas.set(record.name, replica);
    return replica;
  }

  async function launch(scope: string, spec: ReplicaSpec, token: FencingToken): Promise<void> {
    const files = filesOf(join(directory, spec.name));
    const port = await ports.take();
    let groups: readonly string[] = [];
    try {
      const env = environmentOf(spec, port, files.home);
      const obstacle = startObstacle({ ...spec, env });
      const unheld = newRecord(scope, spec, port, obstacle, sizeOf(files.log));
      const held = obstacle === null ? hold(scope, spec) : notHeld;
      groups = held.groups;
      const record = { ...unheld, groups, watchMemory: held.watchMemory };
      writeRecord(files, record);
      await clearTraces(files);
      if (obstacle !== null) return void supervise(record, spec.secrets ?? []);
      // Once more, since time has passed: from here to the start nothing is awaited.
      fences.pass(token);
      const { identity, ended } = await startProcess({ ...spec, env }, files, held);
      const started = { ...record, shim: identity };
      const replica = supervise(started, spec.secrets ?? []);
      void ended.then(() => replica.shimEnded());
      writeRecord(files, started);
    } catch (thrown) {
      if (!replicas.has(spec.name)) {
        ports.giveBack(port);
        removeGroups(groups);
        await rm(files.record, { force: true });
      }
      throw hasCode(thrown, "ENOSPC")
        ? new FairwayError("disk_full", `no room to start ${spec.name}`, { cause: thrown })
        : thrown;
    }
  }

  function environmentOf(spec: ReplicaSpec, port: number, home: string): Readonly<Record<string, string>> {
    const base = options.baseEnvironment ?? daemonBase();
    const host = spec.reachable === true ? "0.0.0.0" : "127.0.0.1";
    const own = { PORT: String(port), HOST: host, FAIRWAY_REPLICA: spec.name, [homeVariable]: home };
    return { ...base, ...spec.env, ...own };
  }

  async function forget(replica: SupervisedReplica): Promise<void> {
    const { name, port } = replica.record;
    replica.close();
    replicas.delete(name);
    ports.giveBack(port);
    const files = filesOf(join(directory, name));
    await rm(files.record, { force: true });
    await clearTraces(files);
    await clearReplicaFolders(directory, (other) => replicas.has(other) || starting.has(other));
  }

  async function turnLogsOver(): Promise<void> {
    if (logsTurning) return;
    logsTurning = true;
    // One that could not be turned over is tried again in a second.
    await Promise.allSettled([...replicas.keys()].map((name) => turnOver(logPath(name), options.log ?? defaultLog)));
    logsTurning = false;
  }

  const keeper = { kind: "process", replicas, starting, fences, opened: () => opened, launch, forget };
  return {
    enforcement: limits.enforcement,
    ports: range,
    forService: (environment, service) => serviceReplicas(keeper, environment, service),
    logPath,

    async strangers() {
      await opened;
      const own = new Set([...replicas.values()].map(({ record }) => record.port));
      const found: PortStranger[] = [];
      for (const port of listenedIn(range.from, range.to)) {
        if (own.has(port)) continue;
        // Each look reads what every process has open, and nobody reads more than a few; others are answered in between.
        if (found.length < strangersNamed) await new Promise((resolve) => setImmediate(resolve));
        found.push({ port, who: found.length < strangersNamed ? strangerOn(port) : null });
      }
      return found;
    },

    async all() {
      await opened;
      return Promise.all(
        [...replicas.values()].map(async (replica) => {
          const found = await replica.look();
          const { scope, startedAt, service } = replica.record;
          return { ...found, scope, startedAt, pid: service?.pid ?? null, log: logPath(found.name) };
        }),
      );
    },

    async stopAll(grace) {
      await opened;
      await Promise.all([...replicas.values()].map((replica) => replica.stop(grace)));
    },

    close() {
      clearInterval(logTimer);
      for (const replica of replicas.values()) replica.close();
    },
  };
}

const newRecord = (
  scope: string,
  { name, release, health, limits, secrets }: ReplicaSpec,
  port: number,
  failed: string | null,
  logFrom: number,
): ReplicaRecord => ({
  format: 1,
  name,
  scope,
  release,
  port,
  health,
  limits,
  hasSecrets: (secrets ?? []).length > 0,
  startedAt: new Date().toISOString(),
  startedAtUptime: uptime(),
  logFrom,
  bootId,
  shim: null,
  service: null,
  readyAt: null,
  failed,
  stopBy: null,
});

/** The daemon's own environment is not for services: it may hold secrets of Fairway's. */
const daemonBase = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["PATH", "HOME", "LANG"].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
