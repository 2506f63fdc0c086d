import { rm } from "node:fs/promises";
import type { KeyKeepers, Project } from "@fairway/core";
import { codeOf } from "@fairway/core";
import type { Control, ControlFigures, DataDirectory } from "@fairway/engine";
import { controlFigures, environmentOfPlan, environmentOfRun, sealingKeys } from "@fairway/engine";
import type { FastifyBaseLogger } from "fastify";
import { writeKeyFile } from "../backup-keys.ts";
import type { Composition } from "../compose.ts";
import type { DaemonOptions } from "../daemon-options.ts";
import { lackOfRoom } from "../disk-room.ts";
import type { Database } from "../database.ts";
import { openDoor } from "../http/doorkeeper.ts";
import { openDashboard } from "../http/dashboard-pages.ts";
import { handlers } from "../http/handlers.ts";
import { approvalPages } from "../http/approval-pages.ts";
import { oidcPages } from "../http/oidc-pages.ts";
import type { HttpOptions, HttpServer, Outside } from "../http/http-server.ts";
import { serveHttp } from "../http/http-server.ts";
import { changedBy, rememberedOptions, rememberOptions } from "../remembered-options.ts";
import type { OidcLogin } from "../people/oidc.ts";
import { keyProblems } from "../key-problems.ts";
import type { People } from "../people/people.ts";
import { trustedProxies } from "../http/trusted-proxies.ts";
import { readinessOf } from "../readiness.ts";
import type { RouterControl } from "../router-control.ts";
import { ApiCounts } from "../traffic/api-counts.ts";
import type { TrafficWatch } from "../traffic/traffic-watch.ts";
import { version } from "../version.ts";
import { projectAtStart } from "./at-start.ts";
import { replicaLogs } from "./replica-logs.ts";

/** What is open by the time that somebody can be answered. */
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
  readonly people: People;
  readonly keepers: KeyKeepers;
  readonly oidc: OidcLogin | undefined;
  readonly outside: Outside | undefined;
  readonly state: { keepServices: boolean; readonly problems: Map<string, string> };
  readonly lacking: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
  readonly before?: HttpOptions["before"];
}

/** Serves the API, and its address is only known after: whoever asks for it before gets an empty one. */
export async function serveDaemon({
  options,
  data,
  database,
  composition,
  router,
  watch,
  control,
  startedAt,
  logger,
  people,
  keepers,
  oidc,
  outside,
  state,
  lacking,
  close,
  before,
}: Parts): Promise<HttpServer> {
  const atStart =
    (await control.project()) ?? (await projectAtStart(composition, data, options, (problem) => logger.warn(problem)));
  let url = "";
  const { places, host, traffic } = composition;
  const api = new ApiCounts();
  const project = async (): Promise<Project> => (await control.project()) ?? atStart;
  const served = await serveHttp(
    handlers({
      people,
      identityProvider: oidc !== undefined,
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
      project,
      about: {
        version,
        startedAt,
        repository: options.repository,
        dataDirectory: data.root,
        url: () => url,
        routerUrl: `http://${composition.router.publicAddress}`,
      },
      problems: async () => [
        ...(await lacking()),
        ...state.problems.values(),
        ...(await keyProblems(database.store, keepers)),
        ...control.troubles(),
        ...[control.audit.trouble()].filter((trouble) => trouble !== null),
      ],
      keyPlace: keepers.place,
      keepers,
      stepsUser: options.stepsUser,
      allowPrivate: options.allowPrivate,
      engineVersion: composition.engineVersion,
      backup: async (directory, keyFile) => {
        // What could not be written is refused before a large copy is made.
        const needed = [...new Set((await sealingKeys(database.store)).map(({ keeper }) => keeper))];
        if (keyFile === null) return database.backup(directory);
        await writeKeyFile(keyFile, directory, needed, keepers);
        return database.backup(directory).catch(async (thrown: unknown) => {
          await rm(keyFile, { force: true });
          throw thrown;
        });
      },
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
      ready: () =>
        readinessOf({
          database: () => database.store.rows("select 1"),
          router: () => traffic.status(),
          room: () => lackOfRoom(data.root),
          keys: () => keyProblems(database.store, keepers),
        }),
      metrics: async () => watch.metrics({ control: await figuresNow(database), api }),
      onAnswer: (operation, status, seconds) => api.note(operation, status, seconds),
      names: { publicUrl: options.publicUrl ?? null },
      ...(options.trustedProxies === undefined ? {} : { trusts: trustedProxies(options.trustedProxies) }),
      door: openDoor({
        loginNeeded: () => people.loginNeeded(),
        recognise: (credentials) => people.recognise(credentials),
        noteDenial: (denial) => people.noteDenial(denial),
        project: async () => (await project()).name,
        environmentOf: (run) => environmentOfRun(database.store, run),
        environmentOfPlan: (plan) => environmentOfPlan(database.store, plan),
      }),
      onPeopleChange: (listener) => people.onChange(listener),
      dashboard: openDashboard(),
      ...(outside === undefined ? {} : { outside }),
      pages: (app) => {
        approvalPages(app, control.approvalLinks);
        if (oidc !== undefined) oidcPages(app, people, oidc);
      },
      ...(before === undefined ? {} : { before }),
    },
  );
  url = served.url;
  return served;
}

/** Null while the database is away, which is a figure too. */
const figuresNow = (database: Database): Promise<ControlFigures | null> =>
  controlFigures(database.store).catch((thrown: unknown) => {
    if (codeOf(thrown) === "database_unavailable") return null;
    throw thrown;
  });
