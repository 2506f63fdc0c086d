import type {
  Drained,
  Endpoint,
  Millis,
  RouterTraffic,
  RoutingTable,
  TrafficRouter,
  WriteOutcome,
} from "@fairway/core";
import { askRouter } from "./router-control.ts";

/** One endpoint as the router sees it now. */
export interface RouterEndpointStatus extends Endpoint {
  /** `ejected`: it refused a connection a moment ago; `ill`: its health path says no; `draining`: off the table. */
  readonly state: "well" | "ejected" | "ill" | "draining";
  readonly inFlight: number;
  readonly served: number;
  readonly failed: number;
  /** What was last wrong with it, as a sentence; null when nothing ever was. */
  readonly lastFailure: string | null;
}

/** A certificate that the router serves. */
export interface RouterCertificate {
  /** Whom it is served to: a name, a wildcard, or `*` for all others. */
  readonly host: string;
  /** The file it was read from. */
  readonly certificate: string;
  /** The names it is for. */
  readonly names: readonly string[];
  readonly validUntil: string;
}

/** One of the processes that carry traffic. */
export interface RouterWorker {
  readonly pid: number;
  /** `leads`: it writes the table; `follows`: beside it; `retires`: it only ends what it has. */
  readonly role: "leads" | "follows" | "retires";
  readonly since: string;
  readonly connections: number;
  readonly residentBytes: number;
  readonly files: { readonly limit: number | null; readonly open: number | null };
}

/** What the router is and does at this moment; of several workers the counts are sums. */
export interface RouterStatus {
  /** The holder is null between its death and the next one, which the worker starts. Traffic goes on meanwhile. */
  readonly pid: { readonly holder: number | null; readonly worker: number };
  readonly since: string;
  readonly workerSince: string;
  readonly directory: string;
  /** `127.0.0.1:8080`. */
  readonly public: string;
  readonly internal: string;
  /** Null when it ends no TLS. */
  readonly publicTls: string | null;
  readonly certificates: readonly RouterCertificate[];
  readonly node: string;
  readonly program: string;
  readonly residentBytes: number;
  /** How many processes are to carry traffic. */
  readonly workers: number;
  /** Those that do, and those that still end what they have. */
  readonly processes: readonly RouterWorker[];
  /** Null when requests are not logged. */
  readonly accessLog: { readonly file: string; readonly sample: number } | null;
  /** The limit of each, and what is open of the one that has most; null where the system does not say. */
  readonly files: { readonly limit: number | null; readonly open: number | null };
  readonly tableVersion: number;
  readonly connections: number;
  readonly connectionLimit: number;
  /** Requests that wait for a replica. */
  readonly held: number;
  /** What its workers did since they started, by name: `requests`, `refused`, `turnedAway`, `held`, `retried` and others. */
  readonly totals: Readonly<Record<string, number>>;
  readonly endpoints: readonly RouterEndpointStatus[];
}

export interface LocalRouterOptions {
  /** The router's directory, where its control socket is. */
  readonly directory: string;
}

/** The traffic router of this machine, reached over its control socket. */
export interface LocalRouter extends TrafficRouter {
  status(): Promise<RouterStatus>;
  /** What every release did, for the analysis of a rollout. */
  traffic(): Promise<RouterTraffic>;
}

/** Beyond the drain itself. */
const drainMargin: Millis = 10_000;

/** A client of the router in `directory`. It holds no connection and no state: make as many as you like. */
export function localRouter({ directory }: LocalRouterOptions): LocalRouter {
  return {
    read: async () => (await askRouter(directory, { method: "GET", path: "/table" })) as RoutingTable,
    write: async (table: RoutingTable) =>
      (await askRouter(directory, { method: "PUT", path: "/table", body: table })) as WriteOutcome,
    drain: async (endpoints: readonly Endpoint[], within: Millis) =>
      (await askRouter(directory, {
        method: "POST",
        path: "/drain",
        body: { endpoints, within },
        within: within + drainMargin,
      })) as Drained,
    status: async () => (await askRouter(directory, { method: "GET", path: "/status" })) as RouterStatus,
    traffic: async () => (await askRouter(directory, { method: "GET", path: "/metrics" })) as RouterTraffic,
  };
}
