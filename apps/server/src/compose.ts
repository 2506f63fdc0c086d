import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AwsUses } from "@fairway/aws";
import { awsUses, openAws } from "@fairway/aws";
import { openEvm } from "@fairway/evm";
import type {
  ContainerEngine,
  EnsuredHaproxy,
  EnsuredRouter,
  HaproxyRouter,
  LocalRouter,
  ProcessHost,
} from "@fairway/builtin";
import {
  buildahBuilder,
  buildahProgram,
  containerEngine,
  containerHost,
  eitherHost,
  endJobContainers,
  engineAddress,
  ensureHaproxy,
  ensureRouter,
  envFileSecrets,
  gitRepository,
  askLink,
  guardedSend,
  haproxyRouter,
  imageBuilder,
  jobContainers,
  lackOfGit,
  launchDarklyFlags,
  localRouter,
  ociRegistry,
  openForges,
  openHosted,
  openNotifier,
  otlpSpanExporter,
  outsideSecrets,
  processHost,
  prometheusMetricsSource,
  routerProcess,
  sigstoreSigner,
  stopHaproxy,
  unleashFlags,
  wantsTraces,
} from "@fairway/builtin";
import type {
  ImageBuilder,
  JobContainers,
  KeylessSigner,
  OpenRegistry,
  OutsideSecrets,
  RegistryAccess,
  Repository,
  SecretSource,
  SpanExporter,
  TrafficRouter,
  Waker,
} from "@fairway/core";
import { checkProgram, codeOf, driven, imagePart, scopeOf, staticServerProgram, wakingRelease } from "@fairway/core";
import type { DataDirectory, Forges, OpenFlagSource, OpenNotifier, Place, Places } from "@fairway/engine";
import { haltingHost, haltingRouter } from "@fairway/engine";
import { allowedPrivate } from "./allowed-private.ts";
import type { DaemonOptions } from "./daemon-options.ts";
import { version } from "./version.ts";
import { routerDirectory } from "./router-directory.ts";

/** The plugins of this daemon, by the ports they implement. The one place that names them. */
export interface Composition {
  readonly repository: Repository;
  readonly secrets: SecretSource;
  readonly askLink: ReturnType<typeof askLink>;
  readonly outsideSecrets: OutsideSecrets;
  readonly places: Places;
  readonly host: ProcessHost;
  readonly router: EnsuredRouter | EnsuredHaproxy;
  readonly traffic: LocalRouter | HaproxyRouter;
  /** Containers for the jobs of workflows; undefined where no engine is configured. */
  readonly jobContainers: JobContainers | undefined;
  /** Ends what serves the container engine, where that is ours to end. */
  readonly endEngine: () => Promise<void>;
  /** Which container engine answers; null where none is configured. Throws `target_unreachable`. */
  readonly engineVersion: () => Promise<string | null>;
  /** Builds the images of services; undefined likewise. */
  readonly images: ImageBuilder | undefined;
  /** Speaks to the registries that they go through. */
  readonly openRegistry: OpenRegistry;
  /** Signs releases by who somebody is, where a project asks for that. */
  readonly keylessSigner: KeylessSigner;
  /** Reads feature flags that a team keeps elsewhere. */
  readonly openFlagSource: OpenFlagSource;
  /** Opens the places that people hear of things in. */
  readonly openNotifier: OpenNotifier;
  /** Opens backups that a cloud makes, keeps and tries. */
  readonly openManagedBackups: AwsUses["openManagedBackups"];
  /** Takes traces of runs to a collector; undefined where none is named. */
  readonly spanExporter: SpanExporter | undefined;
  /** Opens where the repository is kept with others. */
  readonly forges: Forges;
  /** A program of the machine that is missing, and what cannot be done for want of it; null when all are there. */
  readonly lack: () => Promise<string | null>;
}

const liveChecksMain = fileURLToPath(import.meta.resolve("@fairway/builtin/live-checks"));
const staticServerMain = fileURLToPath(import.meta.resolve("@fairway/builtin/static-server"));
/** While replicas start it is added to every deployment, so it is short; a look costs well under a millisecond. */
const lookAgain = 25;

/** Opens what the machine offers: git, secrets from files, processes, and the router. */
export async function compose(
  options: DaemonOptions,
  data: DataDirectory,
  databaseUrl: Places["databaseUrl"],
  tell: (message: string) => void,
  waker?: Waker,
  webIdentity?: (audience: string) => Promise<string>,
): Promise<Composition> {
  const { router, traffic } = await openRouter(options, data, tell);
  const words = options.containerEngine;
  // Where there is no engine Buildah alone can still build for machines that have one.
  const buildah = words === undefined ? null : buildahProgram(words);
  const engine = words === undefined || buildah !== null ? null : await openEngine(words, data);
  const builder = { project: imagePart(basename(options.repository)), id: builderId(data) };
  const host = hostOf(data, engine, tell);
  const aws = openAws(webIdentity === undefined ? {} : { webIdentity });
  const uses = awsUses(aws, webIdentity === undefined ? {} : { webIdentity });
  const allowed = options.allowPrivate === undefined ? [] : allowedPrivate(options.allowPrivate);
  const hosted = openHosted(allowed);
  const evm = openEvm({
    send: guardedSend({ origin: "within", allowPrivate: allowed }),
    keyService: (reference) => aws.kmsKey(reference),
  });
  return {
    askLink: askLink({ allowPrivate: allowed }),
    repository: gitRepository({ path: options.repository }),
    secrets: envFileSecrets(data.secrets),
    outsideSecrets: outsideSecrets(),
    host,
    router,
    traffic,
    jobContainers: engine === null ? undefined : jobContainers(engine, data.root),
    endEngine: () => endEngine(engine, data),
    engineVersion: async () =>
      engine === null ? null : (await engine.call("ask its version", (docker) => docker.version())).Version,
    images:
      buildah !== null
        ? buildahBuilder({ program: buildah, ...builder })
        : engine === null
          ? undefined
          : imageBuilder({ engine, ...builder }),
    openRegistry: Object.assign((access: RegistryAccess) => ociRegistry(access, undefined, allowed), {
      readyFor: aws.readyForPush,
      hold: uses.holdImages,
    }),
    keylessSigner: sigstoreSigner(),
    openManagedBackups: uses.openManagedBackups,
    openNotifier: (channel, secrets) => openNotifier(channel, secrets, allowed),
    spanExporter: wantsTraces(process.env) ? otlpSpanExporter({ version }) : undefined,
    openFlagSource: (source, access) => (source === "unleash" ? unleashFlags(access) : launchDarklyFlags(access)),
    forges: openForges(options.repository, allowed),
    lack: lackOfGit,
    places: {
      targetOf: (place, signal) =>
        place.contracts !== undefined
          ? evm.contractTarget(place.contracts)
          : place.hosted !== undefined
            ? hosted(place.hosted, signal)
            : place.ecs === undefined
              ? processTarget(place, host, routerOf(place, traffic, uses), signal)
              : aws.ecsTarget(place.ecs, signal),
      plannedContracts: evm.plannedContracts,
      contractDifferences: evm.contractDifferences,
      evidenceOf: (environment, service, replica) => host.forService(environment, service).evidence(replica),
      replicasOf: (environment, service) => host.forService(environment, service).list(),
      commandOf: ([program, ...args]) =>
        program === staticServerProgram
          ? [process.execPath, staticServerMain, ...args]
          : program === checkProgram
            ? [process.execPath, liveChecksMain, ...args]
            : [program, ...args],
      traffic: async () => ("traffic" in traffic ? traffic.traffic() : null),
      metrics: (address) => ("access" in address ? uses.metrics(address) : prometheusMetricsSource(address)),
      askPlatform: uses.askPlatform,
      dashboard: uses.dashboard,
      rotator: uses.rotator,
      tryAwsKey: uses.tryAwsKey,
      accessReport: uses.accessReport,
      archive: uses.archive,
      highestEpoch: async () => Math.max(0, ...Object.values((await traffic.read()).routes).map(({ epoch }) => epoch)),
      internalUrl: (environment, service) => `http://${router.internalAddress}/${scopeOf(environment, service)}`,
      publicUrl: (name, path) => `http://${name}${portSuffix(router.publicAddress)}${path}`,
      databaseUrl,
      waker: () => waker,
      standing: () => standingServices(host, traffic),
      controllerOf: (placement) => aws.controller(placement),
      standingOnEcs: async (previews) =>
        (await aws.previews(previews).standing()).map(({ placement, ...of }) => ({ ...of, ecs: placement })),
      askedOnEcs: (previews, environment, since) => aws.previews(previews).lastAsked(environment, since),
      answersAt: async (name, preview) => {
        const { routes } = await traffic.read();
        const here = Object.values(routes).filter(({ rules }) => rules.some((rule) => rule.host === name));
        if (here.length === 0 && preview?.ecs !== undefined)
          return aws.previews(preview.ecs).answers(preview.environment, name);
        return here.length > 0 && here.every(({ groups }) => groups.some(({ release }) => release !== wakingRelease));
      },
    },
  };
}

/** What hosts have on record, and the router has routes of: replicas that died, and routes that nobody is behind, too. */
async function standingServices(
  host: ProcessHost,
  traffic: Composition["traffic"],
): Promise<readonly { readonly environment: string; readonly service: string }[]> {
  const scopes = new Set([
    ...(await host.all()).map(({ scope }) => scope),
    ...Object.keys((await traffic.read()).routes).map((name) => name.replace(/~preview$/u, "")),
  ]);
  return [...scopes].flatMap((scope) => {
    const [environment, service, ...rest] = scope.split("/");
    return environment === undefined || service === undefined || rest.length > 0 ? [] : [{ environment, service }];
  });
}

/** Processes, and containers where there is an engine. */
const hostOf = (data: DataDirectory, engine: ContainerEngine | null, tell: (message: string) => void): ProcessHost =>
  eitherHost(
    processHost({ directory: data.replicas, tell }),
    engine === null ? null : containerHost({ engine, directory: data.containers }),
  );

/** What of a data directory may run without a daemon. */
export interface LeftComposition {
  readonly host: ProcessHost;
  /** Ends the routers that run, of either kind; false when none did. */
  endRouters(): Promise<boolean>;
  /** Ends what serves the container engine, where that is ours to end. */
  endEngine(): Promise<void>;
}

/** Opens what a daemon that was killed may have left, and starts nothing. */
export async function composeLeft(
  data: DataDirectory,
  { containerEngine: words }: Pick<DaemonOptions, "containerEngine">,
): Promise<LeftComposition> {
  // Where there never was a container the engine need not be there any more.
  const engine =
    words !== undefined && words !== "buildah" && existsSync(data.containers) ? await openEngine(words, data) : null;
  const local = routerProcess(await routerDirectory(data.router));
  const haproxy = await routerDirectory(haproxyIn(data));
  return {
    host: hostOf(data, engine, () => undefined),
    endEngine: () => endEngine(engine, data),
    endRouters: async () => {
      const runs = await local.status().then(
        () => true,
        (thrown: unknown) => {
          if (codeOf(thrown) === "router_unavailable") return false;
          throw thrown;
        },
      );
      if (runs) await local.stop();
      return (await stopHaproxy(haproxy)) || runs;
    },
  };
}

const haproxyIn = ({ router }: DataDirectory): string => `${router}-haproxy`;

/** By which a daemon knows the images that it has built: no two have the same data directory. */
const builderId = ({ root }: DataDirectory): string => createHash("sha256").update(root).digest("hex").slice(0, 16);

/** Takes away the containers of jobs, which begin anew with the next daemon, and ends what serves the engine. */
async function endEngine(engine: ContainerEngine | null, data: DataDirectory): Promise<void> {
  if (engine === null) return;
  await endJobContainers(engine, data.root);
  await engine.close();
}

/** The container engine of these words, of which nothing is asked yet. */
const openEngine = async (words: string, data: DataDirectory): Promise<ContainerEngine> =>
  containerEngine({
    address: engineAddress(words),
    directory: await routerDirectory(join(data.root, "container-engine")),
  });

/** The router that was chosen, each in a directory of its own: one must not take the other's files for its own. */
async function openRouter(
  options: DaemonOptions,
  data: DataDirectory,
  tell: (message: string) => void,
): Promise<Pick<Composition, "router" | "traffic">> {
  const addresses = {
    publicAddress: `${options.routerHost}:${options.routerPort}`,
    internalAddress: `127.0.0.1:${options.internalPort}`,
  };
  switch (options.router ?? "local") {
    case "local": {
      const directory = await routerDirectory(data.router);
      const program = fileURLToPath(import.meta.resolve("@fairway/router/main"));
      const { tlsPort, accessLogSample: sample, routerWorkers: workers } = options;
      const router = await ensureRouter({
        directory,
        ...addresses,
        ...(tlsPort === undefined ? {} : { tlsAddress: `${options.routerHost}:${tlsPort}` }),
        program,
        log: join(data.root, "router.log"),
        ...(sample === undefined ? {} : { accessLog: { file: data.accessLog, sample } }),
        ...(workers === undefined ? {} : { workers }),
      });
      return { router, traffic: localRouter({ directory }) };
    }
    case "haproxy": {
      const directory = await routerDirectory(haproxyIn(data));
      const router = await ensureHaproxy({ directory, ...addresses, onTrouble: tell });
      return { router, traffic: haproxyRouter({ directory }) };
    }
  }
}

/** The router of this machine, which a load balancer follows where the place has one. */
const routerOf = ({ balancer, route }: Place, own: TrafficRouter, uses: AwsUses): TrafficRouter =>
  balancer === undefined ? own : uses.balanced(own, balancer, route.name);

const processTarget = (
  place: Place,
  host: ProcessHost,
  router: TrafficRouter,
  signal = new AbortController().signal,
): ReturnType<typeof driven> =>
  driven({
    host: haltingHost(host.forService(place.environment, place.service), signal),
    router: haltingRouter(router, signal),
    route: place.route,
    specOf: place.specOf,
    stop: place.stop,
    lookAgain,
  });

const portSuffix = (address: string): string => {
  const port = address.slice(address.lastIndexOf(":"));
  return port === ":80" ? "" : port;
};
