import type { FencingToken } from "./fencing.ts";
import type { ReleaseId } from "../ids.ts";
import type { Millis, Percent } from "../units.ts";
import type { Endpoint } from "./replica-host.ts";

/** The replicas of one release behind one route, and their share of its traffic. */
export interface TrafficGroup {
  readonly release: ReleaseId;
  /** Relative to the other groups of the route; 0 gets nothing. */
  readonly weight: number;
  /**
   * The share that a strategy has given this release, or left to it, in percent. The router only keeps it: weights alone
   * would not tell it while nobody of the other releases is ready.
   */
  readonly share?: Percent;
  readonly endpoints: readonly Endpoint[];
}

/** Which requests belong to a route. The longest path wins; `*` as host takes what no other host takes. */
export interface RouteRule {
  readonly host: string;
  /** A prefix at a segment border: `/api` takes `/api` and `/api/x`, not `/apix`. */
  readonly path: string;
}

/** How often one client may ask: `burst` at once, and `perSecond` in the long run. */
export interface RequestRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a route allows. The router's own limits hold as well. */
export interface RouteLimits {
  /** Of each client address, on the public listeners; more is answered 429. */
  readonly requestRate?: RequestRate;
  /** A longer request body is answered 413. */
  readonly bodyBytes?: number;
  /** A longer request head is answered 431. */
  readonly headBytes?: number;
  /** From the whole request to the head of the answer; later is answered 504. */
  readonly answerWithin?: Millis;
}

/** Users are told to come back later: 503 on the public listeners, except for the health path. */
export interface Maintenance {
  readonly message: string;
  /** In seconds; 60 when left out. */
  readonly retryAfter?: number;
}

/** Requests with one of these: any of them is enough. Names of headers have no case; values are compared as they are. */
export interface Match {
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, string>>;
}

/** How requests are told apart while one release of a route is new. */
export interface Audience {
  /** The new one. */
  readonly release: ReleaseId;
  /**
   * Clients keep to the release they were given to, by a cookie of the router's. Whoever has met the new one stays with
   * it while its share only grows.
   */
  readonly sticky?: boolean;
  /** Requests that go to the new one whatever its share, as long as one of its replicas is there. */
  readonly match?: Match;
}

/** One service of one environment as users reach it. */
export interface Route {
  /** On the public listener. */
  readonly rules: readonly RouteRule[];
  /** How other services of the environment reach it: a prefix, taken off again, on the internal listener. */
  readonly internalPath: string;
  /** Asked of every endpoint, so that one that got ill is left out until it is well again. */
  readonly health: { readonly path: string; readonly interval: Millis; readonly timeout: Millis };
  readonly groups: readonly TrafficGroup[];
  readonly audience?: Audience;
  /** Requests in the clear are sent to the same place over TLS. */
  readonly httpsOnly?: boolean;
  /** Where the route is to be stricter than the router. */
  readonly limits?: RouteLimits;
  /** While it is there, users get this message instead of the service. It outlasts deployments. */
  readonly maintenance?: Maintenance;
  /** The highest epoch that wrote this route. */
  readonly epoch: number;
}

/** Everything the router knows, by route name (`production/api`). */
export interface RoutingTable {
  /** Grows by one with every write that took. */
  readonly version: number;
  readonly routes: Readonly<Record<string, Route>>;
}

/** What became of a write. Only `written` changed anything. */
export type WriteOutcome =
  | { readonly outcome: "written"; readonly version: number }
  /** Someone else wrote since this table was read: read again. */
  | { readonly outcome: "outdated"; readonly version: number }
  /** A route in it carries an epoch below the one in force. */
  | { readonly outcome: "fenced"; readonly route: string; readonly epoch: number };

/** How a drain ended. `cut` requests were still open at the deadline and were ended. */
export interface Drained {
  readonly cut: number;
}

/** Decides which replica answers users. */
export interface TrafficRouter {
  read(): Promise<RoutingTable>;

  /**
   * Makes the whole table so, at once: a request sees the old one or the new one. `table.version` is the version it
   * was read at. Safe to repeat: the second write of the same is `outdated`. After a crash of the router the last
   * written table is in force again.
   */
  write(table: RoutingTable): Promise<WriteOutcome>;

  /**
   * Waits until no request is open at these endpoints, which must be off the table already. Long-lived streams are
   * ended in their protocol's way after a grace; what is open `within` the deadline's end is cut. Safe to repeat; an
   * endpoint that is not known is drained.
   */
  drain(endpoints: readonly Endpoint[], within: Millis): Promise<Drained>;

  /**
   * Takes the route that this router is for away wherever it is followed, once it is off the table. Absent where nobody
   * follows. Safe to repeat.
   */
  left?(token: FencingToken): Promise<void>;
}
