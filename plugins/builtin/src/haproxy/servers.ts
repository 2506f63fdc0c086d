import type { Endpoint, Route, RoutingTable } from "@fairway/core";
import { backendOf, serverOf } from "./names.ts";

/** One replica behind one route, as HAProxy should have it. */
export interface WantedServer {
  readonly backend: string;
  readonly server: string;
  readonly endpoint: Endpoint;
  /** 0 to 256; 0 gets nothing. */
  readonly weight: number;
  readonly health: Route["health"];
}

const highestWeight = 256;

/** Every server of a table. */
export const wantedServers = (table: RoutingTable): readonly WantedServer[] =>
  Object.entries(table.routes).flatMap(([name, route]) => serversOf(name, route));

/**
 * The servers of one route. HAProxy weighs servers and not groups, so a group's weight is shared out among its
 * endpoints, and the largest share becomes 256. Whoever has a weight gets at least 1.
 */
export function serversOf(name: string, route: Route): readonly WantedServer[] {
  const share = ({ weight, endpoints }: Route["groups"][number]): number => weight / Math.max(1, endpoints.length);
  const largest = Math.max(...route.groups.map(share), Number.MIN_VALUE);
  return route.groups.flatMap((group) =>
    group.endpoints.map((endpoint) => ({
      backend: backendOf(name),
      server: serverOf(endpoint),
      endpoint,
      weight: group.weight > 0 ? Math.max(1, Math.round((highestWeight * share(group)) / largest)) : 0,
      health: route.health,
    })),
  );
}
