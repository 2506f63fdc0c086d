import { parseArgs } from "node:util";
import { FairwayError } from "@fairway/core";

/** How a daemon is told what to be. The same words as arguments, so that `ps` says what runs. */
export interface DaemonOptions {
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
];

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
    },
  });
  return {
    dataDirectory: needed(values.data, "--data"),
    repository: needed(values.repository, "--repository"),
    host: values.host,
    port: portFrom(values.port, "--port"),
    router: routerKindFrom(values.router, "--router"),
    routerHost: values["router-host"],
    routerPort: portFrom(values["router-port"], "--router-port"),
    internalPort: portFrom(values["internal-port"], "--internal-port"),
  };
}

function needed(value: string | undefined, option: string): string {
  if (value !== undefined && value !== "") return value;
  throw new FairwayError("bad_request", `${option} is missing`);
}

export function portFrom(value: string, option: string): number {
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return port;
  throw new FairwayError("bad_request", `${option} must be a port, 0 to 65535, not "${value}"`);
}

export function routerKindFrom(value: string, option: string): RouterKind {
  const kind = routerKinds.find((known) => known === value);
  if (kind !== undefined) return kind;
  throw new FairwayError("bad_request", `${option} must be ${routerKinds.join(" or ")}, not "${value}"`);
}
