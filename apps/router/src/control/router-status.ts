import type { DataPlane } from "../proxy/data-plane.ts";
import { noTotals, type PlaneTotals } from "../proxy/plane-context.ts";

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

/** How many files and sockets are open and may be; null where the system does not say. */
interface Files {
  readonly limit: number | null;
  readonly open: number | null;
}

/** One process that carries traffic. */
export interface WorkerProcessStatus {
  readonly pid: number;
  /** `leads`: it writes the table; `follows`: beside it; `retires`: it only ends what it has. */
  readonly role: "leads" | "follows" | "retires";
  readonly since: string;
  readonly connections: number;
  readonly residentBytes: number;
  readonly files: Files;
}

/** What traffic looks like now. */
export interface PlaneStatus {
  readonly tableVersion: number;
  readonly connections: number;
  readonly connectionLimit: number;
  readonly held: number;
  readonly totals: PlaneTotals;
  readonly endpoints: readonly EndpointStatus[];
}

/** What one worker knows of itself and its traffic. */
export interface WorkerStatus {
  readonly process: WorkerProcessStatus;
  readonly plane: PlaneStatus;
}

/** What a router's workers do together. */
export interface RouterSum extends PlaneStatus {
  readonly residentBytes: number;
  /** The limit of one, and what is open of the one that has most. */
  readonly files: Files;
  readonly processes: readonly WorkerProcessStatus[];
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

/** A router as one, whichever of its workers has a client. Of those that retire the connections count, not the room. */
export function sumOfStatus(leader: WorkerStatus, others: readonly WorkerStatus[]): RouterSum {
  const all = [leader, ...others];
  const sum = (count: (one: WorkerStatus) => number): number => all.reduce((total, one) => total + count(one), 0);
  const totals = noTotals();
  for (const name of Object.keys(totals) as (keyof PlaneTotals)[])
    totals[name] = sum(({ plane }) => plane.totals[name]);
  const open = all.map(({ process }) => process.files.open).filter((count) => count !== null);
  return {
    tableVersion: leader.plane.tableVersion,
    connections: sum(({ plane }) => plane.connections),
    connectionLimit: sum(({ plane, process }) => (process.role === "retires" ? 0 : plane.connectionLimit)),
    held: sum(({ plane }) => plane.held),
    totals,
    endpoints: endpointsOf(all),
    residentBytes: sum(({ process }) => process.residentBytes),
    files: { limit: leader.process.files.limit, open: open.length === 0 ? null : Math.max(...open) },
    processes: all.map(({ process }) => process),
  };
}

const byGravity = ["well", "draining", "ejected", "ill"] as const;

/** Each endpoint once. When workers differ about it, the worst of what they found is what a person should see. */
function endpointsOf(all: readonly WorkerStatus[]): readonly EndpointStatus[] {
  const found = new Map<string, EndpointStatus>();
  for (const one of all.flatMap(({ plane }) => plane.endpoints)) {
    const key = `${one.replica}@${one.host}:${one.port}`;
    const other = found.get(key);
    const worse = other !== undefined && byGravity.indexOf(other.state) > byGravity.indexOf(one.state) ? other : one;
    found.set(
      key,
      other === undefined
        ? one
        : {
            ...one,
            state: worse.state,
            inFlight: one.inFlight + other.inFlight,
            served: one.served + other.served,
            failed: one.failed + other.failed,
            lastFailure: worse.lastFailure ?? one.lastFailure ?? other.lastFailure,
          },
    );
  }
  return [...found.values()];
}
