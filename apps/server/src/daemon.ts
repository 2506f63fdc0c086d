import type { FairwayError } from "@fairway/core";
import { messageOf, ownLocation } from "@fairway/core";
import { dataDirectory, openControl } from "@fairway/engine";
import type { FastifyBaseLogger } from "fastify";
import { pino } from "pino";
import { announced, cachesFor, toolCaches } from "./caches.ts";
import { compose } from "./compose.ts";
import { certify, lackWatch } from "./daemon/at-start.ts";
import { endServices, undo, undoStart } from "./daemon/endings.ts";
import { noteLogTimes } from "./daemon/replica-logs.ts";
import { serveDaemon } from "./daemon/serve-daemon.ts";
import { lockDataDirectory } from "./daemon-lock.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { openDatabase } from "./database.ts";
import { flagServer } from "./flags/flag-server.ts";
import { pageHosts } from "./flags/page-hosts.ts";
import { assertServable } from "./http/http-server.ts";
import { outsideOf } from "./http/outside.ts";
import { hookServer } from "./hooks/hook-server.ts";
import { openIdentity } from "./identity.ts";
import { jobServices } from "./job-services.ts";
import { rememberOptions } from "./remembered-options.ts";
import { oidcOf } from "./people/open-oidc.ts";
import { openPeople } from "./people/people.ts";
import { namedPreviewServer } from "./previews/preview-server.ts";
import { openWakeServer } from "./previews/wake-server.ts";
import { routerControl } from "./router-control.ts";
import { routerRefusal } from "./router-refusal.ts";
import { stepsUserOf } from "./steps-user.ts";
import { watchTraffic } from "./traffic/traffic-watch.ts";
import { auditHeads, keyKeepers } from "./key-keepers.ts";
import { version } from "./version.ts";

/** A daemon that answers. */
export interface Daemon {
  readonly url: string;
  /** What it cannot do on this machine, as sentences; it does the rest. */
  readonly lacks: readonly string[];
  /** With which somebody becomes the first administrator; null where nobody logs in, or there is one. */
  readonly firstCode: string | null;
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
    const outside = await outsideOf(options);
    await assertServable({ ...options, outside });
    const keepers = await keyKeepers(data.root);
    const stepsUser = await stepsUserOf(options.stepsUser);

    const database = await openDatabase(data, {
      onTrouble: (problem) =>
        problem === null ? state.problems.delete("database") : state.problems.set("database", problem),
      onLost: lost,
      onNews: (message) => logger.info(message),
    });
    opened.push(() => database.close(state.started ? state.keepServices : database.ranBefore));

    const wake = await openWakeServer((message) => logger.warn(message), process.env["FAIRWAY_WAKE_ADDRESS"]);
    opened.push(() => wake.close());
    const told = announced();
    const identity = openIdentity(data.signing, told.url);
    const composition = await compose(
      options,
      data,
      database.serviceUrl,
      (message) => logger.warn(message),
      wake.waker,
      identity.ofDaemon,
    ).catch((thrown: unknown) => {
      throw routerRefusal(thrown);
    });
    const lacking = lackWatch(composition.lack);
    const anyAlive = (await composition.host.all()).some(({ alive }) => alive);
    opened.push(() =>
      state.started ? endServices(composition, state.keepServices, data) : undoStart(composition, anyAlive),
    );

    const router = routerControl(composition, data);
    if (options.tlsPort !== undefined) await certify(router, state.problems, (message) => logger.warn(message));

    const watch = watchTraffic(composition.traffic, router, version, (thrown) => logger.warn(messageOf(thrown)));
    opened.push(async () => watch.close());

    const caches = cachesFor(options, data, told.url, (problem) => logger.warn(problem));
    const control = await openControl({
      jobServices: jobServices(caches, identity),
      ...(caches === undefined ? {} : { toolCaches: toolCaches(caches) }),
      ...(composition.jobContainers === undefined ? {} : { jobContainers: composition.jobContainers }),
      stepsUser,
      ...(composition.images === undefined ? {} : { images: composition.images }),
      openRegistry: composition.openRegistry,
      keylessSigner: composition.keylessSigner,
      openFlagSource: composition.openFlagSource,
      openNotifier: composition.openNotifier,
      openManagedBackups: composition.openManagedBackups,
      spanExporter: composition.spanExporter,
      forges: composition.forges,
      version,
      url: told.url,
      publicUrl: options.publicUrl,
      locations: locationsOf(process.env["FAIRWAY_LOCATIONS"]),
      store: database.store,
      data,
      repository: composition.repository,
      secrets: composition.secrets,
      askLink: composition.askLink,
      outsideSecrets: composition.outsideSecrets,
      keyKeepers: keepers,
      ...(database.embedded ? { backUp: (directory: string) => database.backup(directory, "database") } : {}),
      auditHeads: auditHeads(),
      places: composition.places,
      shadow: database.shadow,
      previewDatabases: namedPreviewServer() ?? database.previews,
      onLost: lost,
      log: (level, message) => logger[level](message),
    });
    wake.serve(control.previews);
    opened.push(() => control.close(state.started && !state.keepServices ? "all ends" : "the rest goes on"));

    // After the database has been brought up to date.
    const people = await openPeople(database.store, options.publicUrl !== undefined);
    const oidc = await oidcOf(options, people);

    const flags = flagServer({
      flags: control.flags,
      hostsOf: pageHosts(() => control.project()),
      tell: (problem) => logger.warn(problem),
    });
    opened.push(async () => flags.close());

    const receive: typeof control.triggers.receive = (from, delivery) =>
      from === "intercom" ? control.intake.receive(delivery) : control.triggers.receive(from, delivery);
    const hooks = hookServer({ receive }, (problem) => logger.warn(problem));

    // Before the work is let go of: what waits for the address waits no longer.
    opened.push(async () => told.never());
    const noting = setInterval(
      () => void noteLogTimes(composition.host, (problem) => logger.warn(problem)),
      noteTimesEvery,
    ).unref();
    opened.push(async () => clearInterval(noting));

    const http = await serveDaemon({
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
      people,
      oidc,
      keepers,
      outside,
      close,
      before: (request, response, fromOutside) =>
        identity.takes(request, response) ||
        flags.takes(request, response) ||
        hooks.takes(request, response) ||
        (!fromOutside && caches?.takes(request, response) === true),
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
      firstCode: await people.firstCode(process.env["FAIRWAY_NEW_ADMINISTRATOR"] === "1"),
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

/** The labels that journeys are made from: always `here`, and those that the operator gives, separated by commas. */
const locationsOf = (written = ""): readonly string[] => [
  ...new Set([ownLocation, ...written.split(",").map((label) => label.trim())].filter((label) => label !== "")),
];
