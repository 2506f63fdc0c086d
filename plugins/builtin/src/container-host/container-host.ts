import { createHash } from "node:crypto";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { FencingToken, Millis, ReplicaHost, ReplicaImage, ReplicaSpec } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { ContainerEngine } from "../container-engine/container-engine.ts";
import { ensureImage } from "../container-engine/images.ts";
import { removeContainer } from "../container-engine/remove-container.ts";
import { fencesIn } from "../process-host/fences.ts";
import type { PortRange } from "../process-host/free-port.ts";
import { firstOf, portsIn } from "../process-host/free-port.ts";
import { bootId } from "../process-host/process-identity.ts";
import type { HostedReplica } from "../process-host/process-host.ts";
import { clearReplicaFolders, replicaFolders } from "../process-host/replica-folders.ts";
import type { LogLimits } from "../process-host/replica-log.ts";
import { uptime } from "../process-host/replica-record.ts";
import { serviceReplicas } from "../process-host/service-replicas.ts";
import { containerState } from "./container-life.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerFilesOf, readContainerRecord, writeContainerRecord } from "./container-record.ts";
import { containerName, containerObstacle, hostLabel, networkOf } from "./container-spec.ts";
import { startContainer } from "./start-container.ts";
import type { SupervisedContainer } from "./supervised-container.ts";
import { superviseContainer } from "./supervised-container.ts";

/** Where replicas live and what they get. */
export interface ContainerHostOptions {
  readonly engine: ContainerEngine;
  /** Absolute; one folder per replica in it. Belongs to one daemon at a time. */
  readonly directory: string;
  /** Of the machine's loopback, private to this host; 30000 to 32767 unless told otherwise. */
  readonly ports?: PortRange;
  readonly log?: LogLimits;
  /**
   * `host`, unless told otherwise: replicas reach each other, the router and databases of this machine as processes do.
   * Else the name of one of the engine's networks, in which each replica has an address of its own.
   */
  readonly network?: string;
}

/** All the containers that Fairway runs on this machine. They live on when it ends, and are adopted when it is back. */
export interface ContainerHost {
  /** Its mark on its containers. */
  readonly id: string;
  /** The replicas of one service in one environment. */
  forService(environment: string, service: string): ReplicaHost;
  /** Every replica on record. */
  all(): Promise<readonly HostedReplica[]>;
  /** Ends every replica, whoever holds it: the machine's owner asked. */
  stopAll(grace: Millis): Promise<void>;
  /** Whether a replica of this name is, or was, here. */
  keeps(name: string): boolean;
  /** Where what a replica writes is copied to. Stays for a while after it was forgotten. */
  logPath(name: string): string;
  /** Looks after them no longer; the containers go on. */
  close(): void;
}

const defaultPorts: PortRange = { from: 30_000, to: 32_767 };
const defaultLog: LogLimits = { bytes: 16 * 1024 * 1024, keep: 3 };
/** Somebody may take a port between our look at it and the start. */
const portsTried = 5;

/** Runs replicas as containers of an engine of this machine. */
export function containerHost(options: ContainerHostOptions): ContainerHost {
  const { engine } = options;
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(options.directory);
  const id = createHash("sha256").update(directory).digest("hex").slice(0, 12);
  const range = options.ports ?? defaultPorts;
  const ports = portsIn(range, firstOf(range));
  const logLimits = options.log ?? defaultLog;
  const replicas = new Map<string, SupervisedContainer>();
  const starting = new Map<string, Promise<void>>();
  const fences = fencesIn(join(directory, "fences.json"));
  const filesFor = (name: string): ReturnType<typeof containerFilesOf> => containerFilesOf(join(directory, name));
  let adopted: Promise<void> | null = null;

  /** Once; tried anew by the next who asks when the engine could not be asked. */
  const opened = (): Promise<void> =>
    (adopted ??= adopt().catch((thrown: unknown) => {
      adopted = null;
      throw thrown;
    }));

  /** Goes on with what an earlier daemon left; what is not on record has nobody to answer for it and is ended. */
  async function adopt(): Promise<void> {
    const there = await ours();
    const records = replicaFolders(directory).flatMap((name) => readContainerRecord(filesFor(name)) ?? []);
    const kept: ContainerRecord[] = [];
    for (const record of records) {
      const known = await withContainer(record, there);
      if (known === null) await rm(filesFor(record.name).record, { force: true });
      else kept.push(known);
    }
    const claimed = new Set(kept.flatMap(({ container }) => container ?? []));
    await Promise.all(
      [...there.values()].filter((found) => !claimed.has(found)).map((found) => removeContainer(engine, found)),
    );
    // Only now that nothing can fail any more: an adoption that is tried anew must not look after one twice.
    for (const record of kept) goOn(supervise(record, null));
  }

  /** Killed between a start and its record: the container's name tells. Null for a start that never came about. */
  async function withContainer(
    record: ContainerRecord,
    there: ReadonlyMap<string, string>,
  ): Promise<ContainerRecord | null> {
    if (record.container !== null || record.failed !== null) return record;
    const container = there.get(containerName(id, record.name));
    if (container === undefined || (await containerState(engine, container)).phase === "waiting") return null;
    return { ...record, container };
  }

  /** Every container of this host, by its name: its id. */
  const ours = (): Promise<ReadonlyMap<string, string>> =>
    engine.call("list the containers", async (docker) => {
      const found = await docker.listContainers({ all: true, filters: { label: [`${hostLabel}=${id}`] } });
      return new Map(found.map(({ Id, Names }) => [(Names[0] ?? "").replace(/^\//, ""), Id]));
    });

  /** Finishes a stop that the daemon did not live to see the end of. */
  function goOn(replica: SupervisedContainer): void {
    const { stopBy } = replica.record;
    // Whoever asks for the stop again joins this one, and is told when it cannot be done.
    if (stopBy !== null) replica.stop(Math.max(0, stopBy - uptime())).catch(() => undefined);
  }

  function supervise(record: ContainerRecord, secrets: readonly string[] | null): SupervisedContainer {
    const replica = superviseContainer(record, { engine, files: filesFor(record.name), logLimits, secrets });
    ports.hold(record.port);
    replicas.set(record.name, replica);
    return replica;
  }

  async function launch(scope: string, spec: ReplicaSpec, token: FencingToken): Promise<void> {
    const image = imageOf(spec);
    const files = filesFor(spec.name);
    const network = networkOf(image, options.network ?? "host");
    let port = await ports.take();
    try {
      const record = newRecord(scope, spec, image.reference, port, network === "host");
      await rm(files.cut, { force: true });
      await rm(files.log, { force: true });
      const obstacle = containerObstacle(spec, image) ?? (await obtain(image));
      for (let tried = 0; obstacle === null; tried++) {
        // Before the container: an adoption ends what is on no record.
        writeContainerRecord(files, { ...record, port });
        const place = { host: id, scope, port, network };
        const start = await startContainer(engine, spec, image, place, () => fences.pass(token));
        // Its time counts from here: an image may take minutes to come.
        const startedAt = { startedAt: new Date().toISOString(), startedAtUptime: uptime() };
        if (start.kind === "started") return put({ ...record, ...startedAt, port, container: start.container }, spec);
        if (start.kind === "refused") return put({ ...record, port, failed: start.reason }, spec);
        if (tried >= portsTried) return put({ ...record, port, failed: `no port was free for it` }, spec);
        ports.giveBack(port);
        port = await ports.take();
      }
      put({ ...record, failed: obstacle }, spec);
    } catch (thrown) {
      if (!replicas.has(spec.name)) {
        ports.giveBack(port);
        await rm(files.record, { force: true });
      }
      throw thrown;
    }
  }

  function put(record: ContainerRecord, spec: ReplicaSpec): void {
    writeContainerRecord(filesFor(record.name), record);
    supervise(record, spec.secrets ?? []);
  }

  const obtain = ({ reference, access }: ReplicaImage): Promise<string | null> =>
    ensureImage(engine, reference, access ?? undefined);

  /** Leaves nothing in the engine; how it ended is on record. */
  async function end(replica: SupervisedContainer, grace: Millis): Promise<void> {
    await replica.stop(grace);
    await replica.logCopied();
    if (replica.record.container !== null) await removeContainer(engine, replica.record.container);
  }

  async function forget(replica: SupervisedContainer): Promise<void> {
    const { name, container, port } = replica.record;
    await replica.logCopied();
    replica.close();
    if (container !== null) await removeContainer(engine, container);
    replicas.delete(name);
    ports.giveBack(port);
    await rm(filesFor(name).record, { force: true });
    await clearReplicaFolders(directory, (other) => replicas.has(other) || starting.has(other));
  }

  const keeper = { kind: "container", replicas, starting, fences, opened, launch, forget };
  return {
    id,
    forService: (environment, service) => serviceReplicas(keeper, environment, service),
    keeps: (name) => replicas.has(name) || existsSync(filesFor(name).home),
    logPath: (name) => filesFor(name).log,

    async all() {
      await opened();
      return Promise.all(
        [...replicas.values()].map(async (replica) => {
          const { scope, startedAt, name } = replica.record;
          return { ...(await replica.look()), scope, startedAt, pid: await replica.pid(), log: filesFor(name).log };
        }),
      );
    },

    async stopAll(grace) {
      await opened();
      await Promise.all([...replicas.values()].map((replica) => end(replica, grace)));
    },

    close() {
      for (const replica of replicas.values()) replica.close();
    },
  };
}

function imageOf({ name, image }: ReplicaSpec): ReplicaImage {
  if (image) return image;
  throw new FairwayError("bad_request", `${name} has no image, and a container needs one`, {
    hint: "Give the service `image` or `build`.",
  });
}

const newRecord = (
  scope: string,
  { name, release, health, limits, secrets }: ReplicaSpec,
  image: string,
  port: number,
  sharesNetwork: boolean,
): ContainerRecord => ({
  format: 1,
  name,
  scope,
  release,
  image,
  port,
  sharesNetwork,
  health,
  limits,
  hasSecrets: (secrets ?? []).length > 0,
  startedAt: new Date().toISOString(),
  startedAtUptime: uptime(),
  bootId,
  container: null,
  readyAt: null,
  failed: null,
  stopBy: null,
});
