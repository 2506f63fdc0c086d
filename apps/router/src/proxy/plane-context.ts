import type { AccessLog } from "../access-log/access-log.ts";
import type { RoutingPlan } from "../routing/routing-plan.ts";
import type { Limits } from "./limits.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";
import type { RequestRates } from "./request-rates.ts";
import type { EndpointState } from "./endpoint-state.ts";

/** An endpoint as the data plane holds it. */
export type LiveEndpoint = EndpointState<UpstreamConnection>;

/** Counts of what the router itself did; they only ever grow. */
export interface PlaneTotals {
  requests: number;
  /** Answered by the router: not understood, too large, too slow. */
  refused: number;
  /** Answered 429: more than a route's rate. */
  limited: number;
  /** Clients for whom there was no descriptor left. */
  turnedAway: number;
  /** No route. */
  unrouted: number;
  /** Waited for a replica. */
  held: number;
  /** Sent again after a replica failed without an answer. */
  retried: number;
  /** Sent elsewhere because a replica took no connection. */
  redirected: number;
  badGateway: number;
  unavailable: number;
  timedOut: number;
  /** The client went away before its answer was whole. */
  abandoned: number;
}

export const noTotals = (): PlaneTotals => ({
  requests: 0,
  refused: 0,
  limited: 0,
  turnedAway: 0,
  unrouted: 0,
  held: 0,
  retried: 0,
  redirected: 0,
  badGateway: 0,
  unavailable: 0,
  timedOut: 0,
  abandoned: 0,
});

/** A request that waits for somebody to answer it. */
export interface HeldRequest {
  /** Tries again; answers 503 when it has waited long enough. */
  dispatch(): void;
}

/** What every connection of the data plane shares. */
export interface PlaneContext {
  readonly limits: Limits;
  readonly plan: RoutingPlan<LiveEndpoint>;
  readonly held: Set<HeldRequest>;
  readonly totals: PlaneTotals;
  /** Another worker has taken over, or the router stops: every connection ends after its next answer. */
  readonly retiring: boolean;
  /** Where the TLS listener is; null when there is none. */
  readonly tlsPort: number | null;
  readonly rates: RequestRates;
  /** Null when requests are not logged. */
  readonly accessLog: AccessLog | null;
  nextRequestId(): string;
  /** Closes what can be spared when a connection could not be opened for want of descriptors. Whether anything was. */
  spareFiles(): boolean;
}
