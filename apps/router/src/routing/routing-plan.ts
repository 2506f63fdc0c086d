import type { Endpoint, Route, RoutingTable, TrafficGroup } from "@fairway/core";
import type { EndpointState } from "../proxy/endpoint-state.ts";
import type { TrafficCounters } from "../proxy/traffic-counters.ts";
import { audiencePlan, type AudiencePlan } from "./audience-plan.ts";

/** The replicas of one release behind one route, ready to be chosen from. */
export interface GroupPlan<State extends EndpointState> {
  /** The name of its route. */
  readonly route: string;
  readonly release: string;
  readonly weight: number;
  readonly endpoints: readonly State[];
  readonly counters: TrafficCounters;
  /** What the group is owed by the weighted choice. */
  credit: number;
  /** Where the round among equally busy endpoints goes on. */
  turn: number;
}

/** One route, ready to be chosen from. */
export interface RoutePlan<State extends EndpointState> {
  readonly name: string;
  readonly route: Route;
  /** Only groups that get traffic. */
  readonly groups: readonly GroupPlan<State>[];
  /** Null where requests are not told apart, which is nearly always. */
  readonly audience: RouteAudience<State> | null;
}

/** How the requests of a route are told apart, and between which groups. */
export interface RouteAudience<State extends EndpointState> extends AudiencePlan {
  /** The new release, even while it has no share; null when it is not there at all. */
  readonly newcomer: GroupPlan<State> | null;
  /** The others that get traffic. */
  readonly others: readonly GroupPlan<State>[];
}

/** Where a request goes: its route, and the target to ask the service for. */
export interface RoutedRequest<State extends EndpointState> {
  readonly route: RoutePlan<State>;
  readonly target: string;
}

interface Prefixed<State extends EndpointState> {
  readonly path: string;
  readonly route: RoutePlan<State>;
}

/** Where the compiler of a plan finds what outlives it. */
export interface PlanParts<State extends EndpointState> {
  readonly endpointOf: (endpoint: Endpoint) => State;
  readonly countersOf: (route: string, release: string) => TrafficCounters;
}

/** A routing table made ready for looking up thousands of requests a second. Replaced whole, never changed. */
export class RoutingPlan<State extends EndpointState> {
  readonly routes: readonly RoutePlan<State>[];
  private readonly byHost = new Map<string, Prefixed<State>[]>();
  private readonly internal: Prefixed<State>[] = [];

  constructor(table: RoutingTable, parts: PlanParts<State>) {
    this.routes = Object.entries(table.routes).map(([name, route]) => {
      const all = route.groups
        .filter(({ weight, release }) => weight > 0 || release === route.audience?.release)
        .map((group) => groupPlan(name, group, parts));
      const groups = all.filter(({ weight }) => weight > 0);
      const plan: RoutePlan<State> = { name, route, groups, audience: routeAudience(name, route, all) };
      for (const rule of route.rules) {
        const host = rule.host.toLowerCase();
        const rules = this.byHost.get(host) ?? [];
        rules.push({ path: rule.path, route: plan });
        this.byHost.set(host, rules);
      }
      if (route.internalPath !== "") this.internal.push({ path: route.internalPath, route: plan });
      return plan;
    });
    for (const rules of [...this.byHost.values(), this.internal]) rules.sort((a, b) => b.path.length - a.path.length);
  }

  /** The route of a request on the public listener; its target stays as it is. */
  publicRoute(host: string, target: string): RoutedRequest<State> | undefined {
    const route = longest(this.byHost.get(host), target) ?? longest(this.byHost.get("*"), target);
    return route === undefined ? undefined : { route: route.route, target };
  }

  /** The route of a request on the internal listener, and its target without the route's prefix. */
  internalRoute(target: string): RoutedRequest<State> | undefined {
    const found = longest(this.internal, target);
    if (found === undefined) return undefined;
    const rest = found.path === "/" ? target : target.slice(found.path.length);
    return { route: found.route, target: rest.startsWith("/") ? rest : `/${rest}` };
  }
}

const groupPlan = <State extends EndpointState>(
  route: string,
  { release, weight, endpoints }: TrafficGroup,
  parts: PlanParts<State>,
): GroupPlan<State> => ({
  route,
  release,
  weight,
  endpoints: endpoints.map(parts.endpointOf),
  counters: parts.countersOf(route, release),
  credit: 0,
  turn: 0,
});

function routeAudience<State extends EndpointState>(
  name: string,
  route: Route,
  all: readonly GroupPlan<State>[],
): RouteAudience<State> | null {
  const plan = audiencePlan(name, route);
  if (plan === null) return null;
  return {
    ...plan,
    newcomer: all.find(({ release }) => release === plan.release) ?? null,
    others: all.filter(({ release }) => release !== plan.release),
  };
}

function longest<State extends EndpointState>(
  rules: readonly Prefixed<State>[] | undefined,
  target: string,
): Prefixed<State> | undefined {
  return rules?.find((rule) => isUnder(target, rule.path));
}

/** Whether a request target lies under a prefix, which ends at a segment border: `/api` takes `/api?x` but not `/apix`. */
export function isUnder(target: string, prefix: string): boolean {
  if (prefix === "/") return true;
  if (!target.startsWith(prefix)) return false;
  const next = target[prefix.length];
  return next === undefined || next === "/" || next === "?" || prefix.endsWith("/");
}
