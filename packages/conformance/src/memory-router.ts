import type { Drained, Endpoint, RoutingTable, TrafficRouter } from "@fairway/core";
import { FairwayError } from "@fairway/core";

/** A router that carries nothing and remembers what it was told. */
export interface MemoryRouter extends TrafficRouter {
  readonly table: RoutingTable;
  /** A request comes in at a replica and never ends by itself, so that a drain has to cut it. */
  openRequest(replica: string): void;
  /** Replicas that were drained, in order. */
  readonly drained: readonly string[];
}

export interface MemoryRouterOptions {
  /** Called after every write that took. */
  readonly onWrite?: (table: RoutingTable) => void;
}

/** A routing table in memory, with versions and fencing as every router has them. */
export function memoryRouter(options: MemoryRouterOptions = {}): MemoryRouter {
  let table: RoutingTable = { version: 0, routes: {} };
  const open = new Map<string, number>();
  const drained: string[] = [];

  const carries = (endpoint: Endpoint): boolean =>
    Object.values(table.routes)
      .flatMap((route) => route.groups)
      .some((group) => group.weight > 0 && group.endpoints.some((other) => other.replica === endpoint.replica));

  return {
    get table() {
      return table;
    },
    drained,

    async read() {
      return table;
    },

    async write(next) {
      if (next.version !== table.version) return { outcome: "outdated", version: table.version };
      for (const [route, { epoch }] of Object.entries(next.routes)) {
        const inForce = table.routes[route]?.epoch ?? epoch;
        if (epoch < inForce) return { outcome: "fenced", route, epoch: inForce };
      }
      table = structuredClone({ ...next, version: table.version + 1 });
      options.onWrite?.(table);
      return { outcome: "written", version: table.version };
    },

    async drain(endpoints): Promise<Drained> {
      let cut = 0;
      for (const endpoint of endpoints) {
        if (carries(endpoint))
          throw new FairwayError(
            "not_allowed_now",
            `${endpoint.replica} still gets traffic; take it off the table first`,
          );
        cut += open.get(endpoint.replica) ?? 0;
        open.delete(endpoint.replica);
        drained.push(endpoint.replica);
      }
      return { cut };
    },

    openRequest(replica) {
      open.set(replica, (open.get(replica) ?? 0) + 1);
    },
  };
}
