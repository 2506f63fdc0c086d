import { FairwayError, type RoutingTable, type TrafficRouter, type WriteOutcome } from "@fairway/core";
import { applyTable, answering } from "./haproxy/apply-table.ts";
import { drainEndpoints } from "./haproxy/drain.ts";
import { askMaster } from "./haproxy/master-cli.ts";
import { serverOf } from "./haproxy/names.ts";
import { wantedServers } from "./haproxy/servers.ts";
import {
  filesIn,
  readState,
  readTable,
  writeWhole,
  type HaproxyFiles,
  type HaproxyState,
} from "./haproxy/state-files.ts";
import { tableProblems } from "./haproxy/table-problems.ts";
import { asOnlyWriter } from "./haproxy/writer-lock.ts";

export interface HaproxyRouterOptions {
  /** Where its configuration, its sockets and the table are; `ensureHaproxy` has started it there. */
  readonly directory: string;
}

/** What a HAProxy is at this moment. */
export interface HaproxyStatus {
  /** Its master holds the listening sockets. */
  readonly pid: { readonly holder: number; readonly worker: number };
  readonly since: string;
  readonly directory: string;
  readonly public: string;
  readonly internal: string;
  readonly tableVersion: number;
  readonly connections: number;
  readonly connectionLimit: number;
}

/** HAProxy as the traffic router. */
export interface HaproxyRouter extends TrafficRouter {
  /** Throws `router_unavailable` when it does not run. */
  status(): Promise<HaproxyStatus>;
}

/**
 * A client of the HAProxy in `directory`. It knows no tables, so we keep ours beside it: versions and epochs are compared
 * there, it is stored before HAProxy is told, and whoever reads it first brings HAProxy to it if a crash came between.
 */
export function haproxyRouter({ directory }: HaproxyRouterOptions): HaproxyRouter {
  const files = filesIn(directory);

  async function write(table: RoutingTable): Promise<WriteOutcome> {
    const problems = tableProblems(table);
    if (problems.length > 0) {
      throw new FairwayError("bad_request", "HAProxy cannot be given this routing table", { problems });
    }
    return asOnlyWriter(directory, async () => {
      const [inForce, state] = await Promise.all([readTable(files), runningState(files)]);
      const outcome = decideWrite(inForce, table);
      if (outcome.outcome !== "written") return outcome;
      const stored: RoutingTable = { version: outcome.version, routes: table.routes };
      await writeWhole(files.table, JSON.stringify(stored));
      await applyTable(files, state, stored);
      return outcome;
    });
  }

  return {
    async read() {
      const [table, state] = await Promise.all([readTable(files), readState(files)]);
      return state?.applied === table.version ? table : asOnlyWriter(directory, () => bringToTable(files));
    },
    write,
    async drain(endpoints, within) {
      const carrying = new Set(
        wantedServers(await readTable(files)).flatMap(({ weight, server }) => (weight > 0 ? server : [])),
      );
      const early = endpoints.find((endpoint) => carrying.has(serverOf(endpoint)));
      if (early === undefined) return drainEndpoints(files, endpoints, within);
      throw new FairwayError("not_allowed_now", `${early.replica} still gets traffic; take it off the table first`);
    },
    status: () => status(directory, files),
  };
}

/** What becomes of a write over the table in force. Who missed a write must read before it can know its epoch. */
function decideWrite(inForce: RoutingTable, written: RoutingTable): WriteOutcome {
  if (written.version !== inForce.version) return { outcome: "outdated", version: inForce.version };
  for (const [route, { epoch }] of Object.entries(written.routes)) {
    const seen = Object.hasOwn(inForce.routes, route) ? (inForce.routes[route]?.epoch ?? 0) : 0;
    if (epoch < seen) return { outcome: "fenced", route, epoch: seen };
  }
  return { outcome: "written", version: inForce.version + 1 };
}

/** Puts the stored table in force where it is not, and returns it. */
export async function bringToTable(files: HaproxyFiles): Promise<RoutingTable> {
  const [table, state] = await Promise.all([readTable(files), runningState(files)]);
  if (state.applied !== table.version) await applyTable(files, state, table);
  return table;
}

async function runningState(files: HaproxyFiles): Promise<HaproxyState> {
  const state = await readState(files);
  if (state !== null) return state;
  throw new FairwayError("router_unavailable", `no HAProxy was started for ${files.state}`, {
    hint: "start it with `fairway up --router haproxy`",
    retryable: true,
  });
}

async function status(directory: string, files: HaproxyFiles): Promise<HaproxyStatus> {
  const [table, state, processes] = await Promise.all([
    readTable(files),
    runningState(files),
    answering(files.masterSocket),
  ]);
  const worker = processes?.workers.find(({ age }) => age === "current");
  if (processes === null || worker === undefined) {
    throw new FairwayError("router_unavailable", `the HAProxy in ${directory} does not answer`, { retryable: true });
  }
  const info = await askMaster(files.masterSocket, `@!${worker.pid} show info`);
  const count = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, "m").exec(info)?.[1] ?? 0);
  return {
    pid: { holder: processes.master, worker: worker.pid },
    since: state.since,
    directory,
    public: state.publicAddress,
    internal: state.internalAddress,
    tableVersion: table.version,
    connections: count("CurrConns"),
    connectionLimit: count("Maxconn"),
  };
}
