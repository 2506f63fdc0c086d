import type { DataPlane } from "../proxy/data-plane.ts";
import type { PlaneTotals } from "../proxy/plane-context.ts";

/** One endpoint as the router sees it. */
export interface EndpointStatus {
  readonly replica: string;
  readonly host: string;
  readonly port: number;
  readonly state: "well" | "ejected" | "ill" | "draining";
  readonly inFlight: number;
  readonly served: number;
  readonly failed: number;
  /** What was last wrong with it, as a sentence; null when nothing ever was. */
  readonly lastFailure: string | null;
}

/** What one worker's traffic looks like now. */
export interface PlaneStatus {
  readonly tableVersion: number;
  readonly connections: number;
  readonly connectionLimit: number;
  readonly held: number;
  readonly totals: PlaneTotals;
  readonly endpoints: readonly EndpointStatus[];
}

export function planeStatus(plane: DataPlane): PlaneStatus {
  const now = performance.now();
  return {
    tableVersion: plane.table.version,
    connections: plane.connections,
    connectionLimit: plane.connectionLimit,
    held: plane.held.size,
    totals: plane.totals,
    endpoints: plane.endpointStates.map((state) => ({
      ...state.endpoint,
      state: state.draining ? "draining" : !state.well ? "ill" : state.availableAt(now) ? "well" : "ejected",
      inFlight: state.inFlight,
      served: state.served,
      failed: state.failed,
      lastFailure: state.lastFailure,
    })),
  };
}
