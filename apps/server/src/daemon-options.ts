import { parseArgs } from "node:util";
import { FairwayError } from "@fairway/core";
import { allowedPrivate } from "./allowed-private.ts";
import type { OutsideOptions, WrittenOutsideOptions } from "./outside-options.ts";
import { outsideFlags, outsideOptions } from "./outside-options.ts";

/** How a daemon is told what to be. The same words as arguments, so that `ps` says what runs. */
export interface DaemonOptions extends OutsideOptions {
  readonly dataDirectory: string;
  /** The git repository whose commits it releases. */
  readonly repository: string;
  readonly host: string;
  /** Of the API; 0 takes any free port. */
  readonly port: number;
  /** Who carries the traffic: Fairway's own router, when left out, or HAProxy, which must be installed. */
  readonly router?: RouterKind;
  /** Where the public reaches the services. */
  readonly routerHost: string;
  readonly routerPort: number;
  /** Where the services reach each other; loopback only. */
  readonly internalPort: number;
  /** Where the public reaches them over TLS, on the router's host; nowhere when left out. */
  readonly tlsPort?: number;
  /** Which part of the requests that went well is logged, from 0 to 1; no request is when left out. */
  readonly accessLogSample?: number;
  /** How many processes of the router carry traffic; one when left out. */
  readonly routerWorkers?: number;
  /** How many GiB the caches of checks and workflows may take; 10 when left out, and 0 for no caches. */
  readonly cacheLimit?: number;
  /** What runs containers: `auto`, `podman` or the path of a socket; nothing does when left out. */
  readonly containerEngine?: string;
  /** Whom the jobs of workflows run as; whoever the daemon is when left out. */
  readonly stepsUser?: string;
  /**
   * Private addresses, ranges and hosts, with commas between, that what the configuration names may be at; none when left out.
   */
  readonly allowPrivate?: string;
}

const routerKinds = ["local", "haproxy"] as const;

/** The traffic routers there are to choose from. */
export type RouterKind = (typeof routerKinds)[number];

export const defaultPorts = { api: 7300, router: 8080, internal: 7301 } as const;

export const argumentsOf = (options: DaemonOptions): readonly string[] => [
  "--data",
  options.dataDirectory,
  "--repository",
  options.repository,
  "--host",
  options.host,
  "--port",
  String(options.port),
  "--router",
  options.router ?? "local",
  "--router-host",
  options.routerHost,
  "--router-port",
  String(options.routerPort),
  "--internal-port",
  String(options.internalPort),
  ...(options.tlsPort === undefined ? [] : ["--tls-port", String(options.tlsPort)]),
  ...(options.accessLogSample === undefined ? [] : ["--access-log", loggedWord(options.accessLogSample)]),
  ...(options.routerWorkers === undefined ? [] : ["--router-workers", String(options.routerWorkers)]),
  ...(options.cacheLimit === undefined ? [] : ["--cache-limit", String(options.cacheLimit)]),
  ...(options.containerEngine === undefined ? [] : ["--container-engine", options.containerEngine]),
  ...(options.stepsUser === undefined ? [] : ["--steps-user", options.stepsUser]),
  ...(options.allowPrivate === undefined ? [] : ["--allow-private", options.allowPrivate]),
  ...outsideFlags(options).flat(),
];

/** What was told, by the flag that tells it: `--router-port` is `80`. */
export function flagsOf(told: Remembered): ReadonlyMap<string, string> {
  const said: readonly (readonly [string, string | number | undefined])[] = [
    ["--port", told.port],
    ["--router", told.router ?? "local"],
    ["--router-host", told.routerHost],
    ["--router-port", told.routerPort],
    ["--internal-port", told.internalPort],
    ["--tls-port", told.tlsPort],
    ["--router-workers", told.routerWorkers],
    ["--cache-limit", told.cacheLimit],
    ["--container-engine", told.containerEngine],
    ["--steps-user", told.stepsUser],
    ["--allow-private", told.allowPrivate],
    ...outsideFlags(told),
    ["--access-log", told.accessLogSample === undefined ? undefined : loggedWord(told.accessLogSample)],
  ];
  return new Map(said.flatMap(([flag, value]) => (value === undefined ? [] : [[flag, String(value)]])));
}

export function optionsFrom(argv: readonly string[]): DaemonOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: "string" },
      repository: { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: String(defaultPorts.api) },
      router: { type: "string", default: "local" },
      "router-host": { type: "string", default: "127.0.0.1" },
      "router-port": { type: "string", default: String(defaultPorts.router) },
      "internal-port": { type: "string", default: String(defaultPorts.internal) },
      "tls-port": { type: "string" },
      "access-log": { type: "string" },
      "router-workers": { type: "string" },
      "cache-limit": { type: "string" },
      "container-engine": { type: "string" },
      "steps-user": { type: "string" },
      "allow-private": { type: "string" },
      listen: { type: "string" },
      "public-url": { type: "string" },
      "tls-cert": { type: "string" },
      "tls-key": { type: "string" },
      oidc: { type: "string" },
      "trusted-proxies": { type: "string" },
    },
  });
  return daemonOptions({
    dataDirectory: needed(values.data, "--data"),
    repository: needed(values.repository, "--repository"),
    host: values.host,
    port: values.port,
    router: values.router,
    routerHost: values["router-host"],
    routerPort: values["router-port"],
    internalPort: values["internal-port"],
    tlsPort: values["tls-port"],
    accessLog: values["access-log"],
    routerWorkers: values["router-workers"],
    cacheLimit: values["cache-limit"],
    containerEngine: values["container-engine"],
    stepsUser: values["steps-user"],
    allowPrivate: values["allow-private"],
    listen: values.listen,
    publicUrl: values["public-url"],
    tlsCert: values["tls-cert"],
    tlsKey: values["tls-key"],
    oidc: values.oidc,
    trustedProxies: values["trusted-proxies"],
  });
}

/** The options of a daemon as somebody wrote them. What is left out is as it was, or as it usually is. */
export interface WrittenDaemonOptions extends WrittenOutsideOptions {
  readonly dataDirectory: string;
  readonly repository: string;
  readonly host: string;
  readonly port?: string | undefined;
  readonly router?: string | undefined;
  readonly routerHost?: string | undefined;
  readonly routerPort?: string | undefined;
  readonly internalPort?: string | undefined;
  readonly tlsPort?: string | undefined;
  readonly accessLog?: string | undefined;
  readonly routerWorkers?: string | undefined;
  readonly cacheLimit?: string | undefined;
  readonly containerEngine?: string | undefined;
  readonly stepsUser?: string | undefined;
  readonly allowPrivate?: string | undefined;
}

/** What a daemon is told anew each time: the directory, the repository and its address. */
export type Remembered = Omit<DaemonOptions, "dataDirectory" | "repository" | "host">;

export const usualOptions: Remembered = {
  port: defaultPorts.api,
  router: "local",
  routerHost: "127.0.0.1",
  routerPort: defaultPorts.router,
  internalPort: defaultPorts.internal,
};

/** What was written, understood; what was not written is as in `before`. Throws `bad_request` for what makes no sense. */
export function daemonOptions(written: WrittenDaemonOptions, before: Remembered = usualOptions): DaemonOptions {
  const router = written.router === undefined ? (before.router ?? "local") : routerKindFrom(written.router, "--router");
  // Of another router nothing is taken over that this one may not have.
  const had: OwnOptions = router === (before.router ?? "local") ? before : {};
  const own = ownOptions(written, had);
  if (router === "haproxy" && Object.keys(own).length > 0)
    throw new FairwayError("bad_request", "--tls-port, --access-log and --router-workers are not for HAProxy", {
      hint: "leave them out, or take Fairway's own router: --router local",
    });
  return {
    dataDirectory: written.dataDirectory,
    repository: written.repository,
    host: written.host,
    port: portFrom(written.port, "--port", before.port),
    router,
    routerHost: written.routerHost ?? before.routerHost,
    routerPort: portFrom(written.routerPort, "--router-port", before.routerPort),
    internalPort: portFrom(written.internalPort, "--internal-port", before.internalPort),
    ...own,
    ...cacheLimitOf(written.cacheLimit, before),
    ...containerEngineOf(written.containerEngine, before),
    ...stepsUserOf(written.stepsUser, before),
    ...allowPrivateOf(written.allowPrivate, before),
    ...outsideOptions(written, before),
  };
}

/** `none` takes away what was told before. */
function stepsUserOf(written: string | undefined, { stepsUser: had }: Remembered): Pick<DaemonOptions, "stepsUser"> {
  const stepsUser = written ?? had;
  if (stepsUser === undefined || stepsUser === "none") return {};
  if (/^[A-Za-z_][\w.-]{0,63}$/u.test(stepsUser)) return { stepsUser };
  throw new FairwayError("bad_request", `--steps-user must be the name of a user, or none, not "${stepsUser}"`);
}

/** `none` takes away what was told before. */
function allowPrivateOf(
  written: string | undefined,
  { allowPrivate: had }: Remembered,
): Pick<DaemonOptions, "allowPrivate"> {
  const allowPrivate = written ?? had;
  if (allowPrivate === undefined || allowPrivate === "none") return {};
  return { allowPrivate: allowedPrivate(allowPrivate).join(",") };
}

/** `none` takes away what was told before. */
function containerEngineOf(
  written: string | undefined,
  { containerEngine: had }: Remembered,
): Pick<DaemonOptions, "containerEngine"> {
  const containerEngine = written ?? had;
  if (containerEngine === undefined || containerEngine === "none") return {};
  if (["auto", "podman", "buildah"].includes(containerEngine) || /^(unix:\/\/)?\//.test(containerEngine))
    return { containerEngine };
  throw new FairwayError(
    "bad_request",
    `--container-engine must be auto, podman, buildah, none or the path of a socket, not "${containerEngine}"`,
  );
}

const largestCaches = 10_000;

function cacheLimitOf(written: string | undefined, { cacheLimit }: Remembered): Pick<DaemonOptions, "cacheLimit"> {
  if (written === undefined) return cacheLimit === undefined ? {} : { cacheLimit };
  const gibibytes = Number(written);
  if (written.trim() !== "" && gibibytes >= 0 && gibibytes <= largestCaches) return { cacheLimit: gibibytes };
  throw new FairwayError(
    "bad_request",
    `--cache-limit must be a number of GiB up to ${largestCaches}, not "${written}"`,
  );
}

/** What only Fairway's own router can be told. */
type OwnOptions = Pick<DaemonOptions, "tlsPort" | "accessLogSample" | "routerWorkers">;

function ownOptions(written: WrittenDaemonOptions, had: OwnOptions): OwnOptions {
  const tlsPort = written.tlsPort === "none" ? undefined : portFrom(written.tlsPort, "--tls-port", had.tlsPort);
  const sample = written.accessLog === undefined ? had.accessLogSample : loggedPart(written.accessLog);
  const workers = written.routerWorkers === undefined ? had.routerWorkers : workersFrom(written.routerWorkers);
  return {
    ...(tlsPort === undefined ? {} : { tlsPort }),
    ...(sample === undefined ? {} : { accessLogSample: sample }),
    ...(workers === undefined ? {} : { routerWorkers: workers }),
  };
}

/** Which part of the requests that went well is to be logged; undefined when no request is. Throws `bad_request`. */
function loggedPart(written: string): number | undefined {
  if (written === "none") return undefined;
  if (written === "all") return 1;
  if (/^(?:0|1|0?\.\d{1,6}|1\.0{1,6})$/.test(written)) return Number(written);
  throw new FairwayError("bad_request", `--access-log must be all, none or from 0 to 1, not "${written}"`);
}

/** The same as it is written. */
const loggedWord = (part: number): string => (part === 1 ? "all" : part.toFixed(6).replace(/\.?0+$/, ""));

/** Throws `bad_request`. */
function workersFrom(written: string): number {
  const workers = Number(written);
  if (/^\d{1,2}$/.test(written) && workers >= 1 && workers <= 64) return workers;
  throw new FairwayError("bad_request", `--router-workers must be a number from 1 to 64, not "${written}"`);
}

function needed(value: string | undefined, option: string): string {
  if (value !== undefined && value !== "") return value;
  throw new FairwayError("bad_request", `${option} is missing`);
}

function portFrom(value: string, option: string): number;
function portFrom<Had extends number | undefined>(value: string | undefined, option: string, had: Had): number | Had;
function portFrom(value: string | undefined, option: string, had?: number): number | undefined {
  if (value === undefined) return had;
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return port;
  throw new FairwayError("bad_request", `${option} must be a port, 0 to 65535, not "${value}"`);
}

function routerKindFrom(value: string, option: string): RouterKind {
  const kind = routerKinds.find((known) => known === value);
  if (kind !== undefined) return kind;
  throw new FairwayError("bad_request", `${option} must be ${routerKinds.join(" or ")}, not "${value}"`);
}
