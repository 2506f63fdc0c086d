import type { RoutingTable, WriteOutcome } from "@fairway/core";

/**
 * What becomes of a write over the table in force. A writer that missed another's write reads again before anything
 * else, as only then can it know whether it is also too old for a route.
 */
export function decideWrite(inForce: RoutingTable, written: RoutingTable): WriteOutcome {
  if (written.version !== inForce.version) return { outcome: "outdated", version: inForce.version };
  for (const [name, route] of Object.entries(written.routes)) {
    const current = Object.hasOwn(inForce.routes, name) ? inForce.routes[name] : undefined;
    if (current !== undefined && route.epoch < current.epoch) {
      return { outcome: "fenced", route: name, epoch: current.epoch };
    }
  }
  return { outcome: "written", version: inForce.version + 1 };
}
