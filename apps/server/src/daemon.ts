import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import type { FairwayError, Project } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { Control, DataDirectory } from "@fairway/engine";
import { dataDirectory, endCommands, markLogTime, openControl, projectAtHead } from "@fairway/engine";
import type { FastifyBaseLogger } from "fastify";
import { pino } from "pino";
import type { Composition } from "./compose.ts";
import type { Caches } from "./caches.ts";
import { announced, cachesFor, toolCaches } from "./caches.ts";
import { compose } from "./compose.ts";
import { lockDataDirectory } from "./daemon-lock.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./database.ts";
import { openIdentity } from "./identity.ts";
import { jobServices } from "./job-services.ts";
import type { ReplicaLog } from "./log-sources.ts";
import { flagServer } from "./flags/flag-server.ts";
import { pageHosts } from "./flags/page-hosts.ts";
import { handlers } from "./http/handlers.ts";
import type { HttpServer } from "./http/http-server.ts";
import { assertServable, serveHttp } from "./http/http-server.ts";
import { problemOf } from "./http/problem-of.ts";
import type { RouterControl } from "./router-control.ts";
import { routerControl } from "./router-control.ts";
import { changedBy, rememberedOptions, rememberOptions } from "./remembered-options.ts";
import { routerRefusal } from "./router-refusal.ts";
import type { TrafficWatch } from "./traffic/traffic-watch.ts";
import { watchTraffic } from "./traffic/traffic-watch.ts";
import { stepsUserOf } from "./steps-user.ts";
import { version } from "./version.ts";

/** A daemon that answers. */
export interface Daemon {
  readonly url: string;
  /** What it cannot do on this machine, as sentences; it does the rest. */
  readonly lacks: readonly string[];
  /** Resolves when everything is closed. */
  readonly closed: Promise<void>;
  /** 0 when it was told to end, 75 when another has taken its place. */
  readonly exitCode: number;
  /** Notes what it dies of, so that an attempt that kills every daemon that takes it is held for its cause. */
  dying(cause: unknown): Promise<void>;
  /** Ends the daemon and leaves services, router and database running for the next one. */
  close(): Promise<void>;
}

/** Told to systemd and the like: try again later, it was not our fault. */
const takenOver = 75;
/** What a replica gets to end itself when everything ends; it has been off the router before. */
const lastGrace = 30_000;
const noteTimesEvery = 10_000;

/** Opens everything in the order in which it depends on each other, and undoes what was opened when a step fails. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const logger: FastifyBaseLogger = pino({ level: process.env["FAIRWAY_LOG"] ?? "info" });
  const startedAt = new Date().toISOString();
  const data = dataDirectory(options.dataDirectory);
  const opened: (() => Promise<void>)[] = [];
  const state = { exitCode: 0, keepServices: true, started: false, problems: new Map<string, string>() };

  let ending: Promise<void> | undefined;
  let tellClosed = (): void => undefined;
  const closed = new Promise<void>((resolve) => (tellClosed = resolve));
  const close = (): Promise<void> => (ending ??= undo(opened, (message) => logger.error(message)).then(tellClosed));
  const lost = (error: FairwayError): void => {
    logger.error(error.message);
    state.exitCode = takenOver;
    void close();
  };

  try {
    const lock = await lockDataDirectory(data.root);
    opened.push(() => lock.release());
    const record = { pid: process.pid, startedAt, version, repository: options.repository };
    await lock.announce({ ...record, url: null });
    opened.push(() => lock.announce({ ...record, url: null }));
    await assertServable(options);
    const stepsUser = await stepsUserOf(options.stepsUser);

    const database = await openDatabase(data, {
      onTrouble: (problem) =>
        problem === null ? state.problems.delete("database") : state.problems.set("database", problem),
      onLost: lost,
      onNews: (message) => logger.info(message),
    });
    opened.push(() => database.close(state.started ? state.keepServices : database.ranBefore));

    const composition = await compose(options, data, database.serviceUrl, (message) => logger.warn(message)).catch(
      (thrown: unknown) => {
        throw routerRefusal(thrown);
      },
    );
    const lacking = lackWatch(composition.lack);
    const anyAlive = (await composition.host.all()).some(({ alive }) => alive);
    opened.push(() =>
      state.started ? endServices(composition, state.keepServices, data) : undoStart(composition, anyAlive),
    );

    const router = routerControl(composition, data);
    if (options.tlsPort !== undefined) await certify(router, state.problems, (message) => logger.warn(message));

    const watch = watchTraffic(composition.traffic, router, version, (thrown) => logger.warn(messageOf(thrown)));
    opened.push(async () => watch.close());

    const told = announced();
    const caches = cachesFor(options, data, told.url, (problem) => logger.warn(problem));
    const identity = openIdentity(data.signing, told.url);
    const control = await openControl({
      jobServices: jobServices(caches, identity),
      ...(caches === undefined ? {} : { toolCaches: toolCaches(caches) }),
      ...(composition.jobContainers === undefined ? {} : { jobContainers: composition.jobContainers }),
      stepsUser,
      ...(composition.images === undefined ? {} : { images: composition.images }),
      openRegistry: composition.openRegistry,
      keylessSigner: composition.keylessSigner,
      openFlagSource: composition.openFlagSource,
      version,
      url: told.url,
      store: database.store,
      data,
      repository: composition.repository,
      secrets: composition.secrets,
      places: composition.places,
      onLost: lost,
      log: (level, message) => logger[level](message),
    });
    opened.push(() => control.close(state.started && !state.keepServices ? "all ends" : "the rest goes on"));

    const flags = flagServer({
      flags: control.flags,
      hostsOf: pageHosts(() => control.project()),
      tell: (problem) => logger.warn(problem),
    });
    opened.push(async () => flags.close());

    // Before the work is let go of: what waits for the address waits no longer.
    opened.push(async () => told.never());
    const noting = setInterval(
      () => void noteTimes(composition.host, (problem) => logger.warn(problem)),
      noteTimesEvery,
    ).unref();
    opened.push(async () => clearInterval(noting));

    const http = await serve({
      options,
      data,
      database,
      composition,
      router,
      watch,
      control,
      startedAt,
      logger,
      state,
      lacking,
      close,
      before: (request, response) =>
        identity.takes(request, response) ||
        flags.takes(request, response) ||
        caches?.takes(request, response) === true,
    });
    opened.push(() => http.close());
    told.tell(http.url);
    await lock.announce({ ...record, url: http.url });
    await rememberOptions(options);
    state.started = true;
    const lacks = await lacking();
    for (const lack of lacks) logger.warn(lack);
    logger.info(`answers at ${http.url}`);
    return {
      url: http.url,
      lacks,
      closed,
      get exitCode() {
        return state.exitCode;
      },
      dying: (cause) => control.engine.dying(cause),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

interface Parts {
  readonly options: DaemonOptions;
  readonly data: DataDirectory;
  readonly database: Database;
  readonly composition: Composition;
  readonly router: RouterControl;
  readonly watch: TrafficWatch;
  readonly control: Control;
  readonly startedAt: string;
  readonly logger: FastifyBaseLogger;
  readonly state: { keepServices: boolean; readonly problems: Map<string, string> };
  readonly lacking: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
  readonly before?: Caches["takes"];
}

async function serve({
  options,
  data,
  database,
  composition,
  router,
  watch,
  control,
  startedAt,
  logger,
  state,
  lacking,
  close,
  before,
}: Parts): Promise<HttpServer> {
  const atStart =
    (await control.project()) ?? (await projectAtStart(composition, data, options, (problem) => logger.warn(problem)));
  let url = "";
  const { places, host, traffic } = composition;
  const served = await serveHttp(
    handlers({
      store: database.store,
      control,
      repository: composition.repository,
      places,
      data,
      replicaLogs: () => replicaLogs(host, data),
      machine: host,
      dataRoot: data.root,
      database: database.where,
      routerStatus: () => traffic.status(),
      traffic: () => watch.now(),
      router: {
        ...router,
        upgrade: async (settings) => {
          const upgraded = await router.upgrade(settings);
          await rememberOptions(changedBy(settings, options, await rememberedOptions(data.root)));
          return upgraded;
        },
        reload: async () => {
          const reloaded = await router.reload();
          state.problems.delete("certificates");
          return reloaded;
        },
      },
      project: async () => (await control.project()) ?? atStart,
      about: {
        version,
        startedAt,
        repository: options.repository,
        dataDirectory: data.root,
        url: () => url,
        routerUrl: `http://${composition.router.publicAddress}`,
      },
      problems: async () => [...(await lacking()), ...state.problems.values(), ...control.troubles()],
      backup: (directory) => database.backup(directory),
      shutdown: (keepServices) => {
        state.keepServices = keepServices;
        // After the answer has left.
        setImmediate(() => void close());
      },
    }),
    {
      host: options.host,
      port: options.port,
      version,
      logger,
      ready: () => answers(database),
      metrics: () => watch.metrics(),
      ...(before === undefined ? {} : { before }),
    },
  );
  url = served.url;
  return served;
}

/** What is missing is looked for now, and again each time that somebody asks, until it is there. */
function lackWatch(look: Composition["lack"]): () => Promise<readonly string[]> {
  let last = look();
  return async () => {
    if ((await last) === null) return [];
    last = look();
    const lack = await last;
    return lack === null ? [] : [lack];
  };
}

const answers = (database: Database): Promise<boolean> =>
  database.store.rows("select 1").then(
    () => true,
    () => false,
  );

/** Bad certificates keep no daemon from starting: the router goes on with those that were in force. */
async function certify(
  router: RouterControl,
  problems: Map<string, string>,
  tell: (message: string) => void,
): Promise<void> {
  try {
    await router.reload();
  } catch (thrown) {
    const problem = [messageOf(thrown), ...problemOf(thrown).problem.problems].join("; ");
    problems.set("certificates", `${problem}; mend them and say: fairway router reload`);
    tell(problem);
  }
}

/** What the last commit says, for a daemon that has made no release yet. It serves nothing worse than an empty project. */
async function projectAtStart(
  { repository }: Composition,
  data: DataDirectory,
  options: DaemonOptions,
  tell: (problem: string) => void,
): Promise<Project> {
  try {
    return await projectAtHead(repository, data);
  } catch (thrown) {
    tell(`no configuration at the last commit yet: ${messageOf(thrown)}`);
    return { name: basename(options.repository), services: [], environments: [] };
  }
}

/** Services write their logs themselves; so that `--since` works, it is noted now and then how far they are. */
async function noteTimes(host: Composition["host"], tell: (problem: string) => void): Promise<void> {
  try {
    for (const { name, alive } of await host.all()) if (alive) await markLogTime(host.logPath(name));
  } catch (thrown) {
    tell(`could not note the times of logs: ${messageOf(thrown)}`);
  }
}

/** Of the replicas on record, and of those that are forgotten but whose logs are still kept: why one failed is asked later. */
async function replicaLogs(
  host: Composition["host"],
  { replicas, containers }: DataDirectory,
): Promise<readonly ReplicaLog[]> {
  const alive = new Set((await host.all()).filter((replica) => replica.alive).map(({ name }) => name));
  const folders = [replicas, containers].filter((folder) => existsSync(folder));
  const names = (await Promise.all(folders.map(async (folder) => readdir(folder)))).flat();
  const found = names.map((name) => ({
    replica: name,
    path: host.logPath(name),
    alive: alive.has(name),
  }));
  return found.filter(({ path }) => existsSync(path));
}

async function endServices(
  { host, router, endEngine }: Composition,
  keep: boolean,
  { steps }: DataDirectory,
): Promise<void> {
  if (!keep) {
    await router.stop();
    // What a check or a build runs goes with the rest, and begins anew with the next daemon.
    await Promise.all([host.stopAll(lastGrace), endCommands(steps)]);
  }
  host.close();
  if (!keep) await endEngine();
}

/** A start that failed leaves router and services as it found them: what ran before may carry people. */
async function undoStart({ host, router, endEngine }: Composition, anyAlive: boolean): Promise<void> {
  if (router.found === "not running") await router.stop();
  if (!anyAlive) await host.stopAll(lastGrace);
  host.close();
  if (!anyAlive) await endEngine();
}

/** Undoes in reverse order; one thing that cannot be undone keeps no other from it. */
async function undo(opened: (() => Promise<void>)[], tell: (message: string) => void): Promise<void> {
  for (const step of opened.splice(0).toReversed())
    await step().catch((thrown: unknown) => tell(`while ending: ${messageOf(thrown)}`));
}
