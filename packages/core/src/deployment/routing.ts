import { FairwayError } from "../errors.ts";
import type { ReleaseId } from "../ids.ts";
import type { Millis, Percent } from "../units.ts";
import type { FencingToken } from "./fencing.ts";
import { isStale } from "./fencing.ts";
import type { Endpoint, Replica } from "./replica-host.ts";
import type {
  Audience,
  Maintenance,
  Route,
  RouteLimits,
  RoutingTable,
  TrafficGroup,
  TrafficRouter,
} from "./traffic-router.ts";

/** A route as the configuration gives it, before anybody knows where the replicas are. */
export interface RouteDefaults {
  /** `production/api`. */
  readonly name: string;
  readonly rules: Route["rules"];
  readonly internalPath: string;
  readonly health: Route["health"];
  readonly limits?: RouteLimits;
  readonly httpsOnly?: boolean;
  /** Who answers while no replica is ready: it has them started, where the service sleeps. Absent where nobody does. */
  readonly waker?: Waker;
}

/** Somebody who answers in the place of a service that has no replica. */
export interface Waker {
  readonly host: string;
  readonly port: number;
  /** Asked whether it is well; it wakes nobody. */
  readonly healthPath: string;
}

/** Where a release is reached that has no traffic yet, by those who want to look at it. */
export interface Preview {
  readonly rules: Route["rules"];
  readonly groups: readonly TrafficGroup[];
}

/** What is put after the name and the internal path of a route to reach the release that is to come. */
export const previewSuffix = "~preview";

/** Ready replicas by release, each with as much weight as it has replicas: every replica gets the same share. */
export function groupsByReplicas(replicas: readonly Replica[]): readonly TrafficGroup[] {
  const byRelease = new Map<ReleaseId, Endpoint[]>();
  for (const { release, state, endpoint } of replicas) {
    if (state !== "ready" || endpoint === null) continue;
    const endpoints = byRelease.get(release) ?? [];
    byRelease.set(release, [...endpoints, endpoint]);
  }
  return [...byRelease].map(([release, endpoints]) => ({ release, weight: endpoints.length, endpoints }));
}

/**
 * Ready replicas by release, the candidate with its share of traffic and the others with the rest between them. Where
 * nobody of the others is ready, a candidate that has any share gets everything.
 */
export function groupsByShare(
  replicas: readonly Replica[],
  candidate: ReleaseId,
  share: Percent,
): readonly TrafficGroup[] {
  const groups = groupsByReplicas(replicas);
  const others = groups.reduce((sum, group) => sum + (group.release === candidate ? 0 : group.endpoints.length), 0);
  return groups.map((group) =>
    group.release === candidate
      ? { ...group, weight: share * Math.max(1, others), share }
      : { ...group, weight: (100 - share) * group.endpoints.length, share: 100 - share },
  );
}

/** The share that a strategy has given a release; undefined when none has. */
export function shareOf(table: RoutingTable, route: string, release: ReleaseId): Percent | undefined {
  const groups = Object.hasOwn(table.routes, route) ? (table.routes[route]?.groups ?? []) : [];
  return groups.find((group) => group.release === release)?.share;
}

/** Whether requests of a route, or of its preview, may be sent to an endpoint. */
export function carriesTraffic(table: RoutingTable, route: string, endpoint: Endpoint): boolean {
  const routes = new Map(Object.entries(table.routes));
  return [route, `${route}${previewSuffix}`]
    .flatMap((name) => routes.get(name)?.groups ?? [])
    .some(({ weight, endpoints }) => weight > 0 && endpoints.some((other) => other.replica === endpoint.replica));
}

/** The table with one route replaced. */
export const withRoute = (table: RoutingTable, name: string, route: Route): RoutingTable => ({
  version: table.version,
  routes: { ...table.routes, [name]: route },
});

/** How often a write is tried when others write at the same time; each of them gets through once, so it is ample. */
const writeAttempts = 50;

/** Who gets a route's traffic. */
export interface Traffic {
  readonly groups: readonly TrafficGroup[];
  readonly audience?: Audience | null;
  /** Where else the new release is reached; what was said before is taken back when there is none. */
  readonly preview?: Preview | null;
}

/**
 * Gives a route's traffic to these groups. Writes nothing when the table says so already. Throws
 * `fenced` when a newer holder has written the route.
 */
export async function takeTraffic(
  router: TrafficRouter,
  defaults: RouteDefaults,
  token: FencingToken,
  { groups, audience, preview }: Traffic,
): Promise<void> {
  const { name, waker, ...rest } = defaults;
  const answered = groups.some(({ endpoints }) => endpoints.length > 0);
  const written: Route =
    waker === undefined || answered
      ? { ...rest, groups, ...(audience ? { audience } : {}), epoch: token.epoch }
      : { ...rest, ...wakingGroup(waker, rest.health), epoch: token.epoch };
  const previewed: Route | null = preview
    ? { ...rest, ...preview, internalPath: `${rest.internalPath}${previewSuffix}`, epoch: token.epoch }
    : null;
  await changeTable(router, (table) => {
    const current = table.routes[name];
    // A person has said so, and a deployment in the middle of it must not unsay it.
    const maintenance = current?.maintenance;
    const route = maintenance === undefined ? written : { ...written, maintenance };
    const asBefore = sameRoute(current, route) && sameRoute(table.routes[`${name}${previewSuffix}`], previewed);
    return asBefore ? null : withPreview(withRoute(table, name, route), name, previewed);
  });
}

/** The one who answers as if it were a replica, of a release that there never is. */
const wakingGroup = ({ host, port, healthPath }: Waker, health: Route["health"]): Pick<Route, "groups" | "health"> => ({
  groups: [{ release: wakingRelease, weight: 1, endpoints: [{ replica: `waker-${port}`, host, port }] }],
  health: { ...health, path: healthPath },
});

/** What requests are counted under that came while a service had no replica. */
export const wakingRelease = "waking" as ReleaseId;

/** The table with the preview of a route as it is to be. */
function withPreview(table: RoutingTable, name: string, preview: Route | null): RoutingTable {
  const previewName = `${name}${previewSuffix}`;
  if (preview !== null) return withRoute(table, previewName, preview);
  const { [previewName]: _left, ...routes } = table.routes;
  return { version: table.version, routes };
}

/** Takes a route off the table: the service is not reachable any more. Throws `fenced` like `takeTraffic`. */
export async function leaveTable(router: TrafficRouter, name: string, token: FencingToken): Promise<void> {
  await changeTable(router, (table) => {
    const current = table.routes[name];
    if (current === undefined) return null;
    // A route that is gone carries no epoch that the router could compare, so it is compared here.
    if (isStale(token, current.epoch)) throw fenced(name, current.epoch);
    const { [name]: _left, ...routes } = table.routes;
    return withPreview({ version: table.version, routes }, name, null);
  });
  // Whoever was killed after the write was not followed.
  await router.left?.(token);
}

/** Has the router refuse whoever comes with an older token, and changes nothing else. Throws `fenced` like `takeTraffic`. */
export async function fenceRoute(router: TrafficRouter, name: string, token: FencingToken): Promise<void> {
  await changeTable(router, (table) => {
    const current = table.routes[name];
    if (current === undefined || current.epoch === token.epoch) return null;
    return withRoute(table, name, { ...current, epoch: token.epoch });
  });
}

/**
 * Tells the users of a route to come back later; null lets them in again. Deployments go on meanwhile and do not end it.
 * Safe to repeat. Throws `not_found` when there is no such route.
 */
export async function setMaintenance(
  router: TrafficRouter,
  name: string,
  maintenance: Maintenance | null,
): Promise<void> {
  await changeTable(router, (table) => {
    const current = Object.hasOwn(table.routes, name) ? table.routes[name] : undefined;
    if (current === undefined) throw new FairwayError("not_found", `the routing table has no route ${name}`);
    const { maintenance: _before, ...rest } = current;
    const route: Route = maintenance === null ? rest : { ...rest, maintenance };
    return sameRoute(current, route) ? null : withRoute(table, name, route);
  });
}

/** Reads, changes and writes until no one else wrote in between. `change` returns null when there is nothing to do. */
export async function changeTable(
  router: TrafficRouter,
  change: (table: RoutingTable) => RoutingTable | null,
): Promise<void> {
  for (let attempt = 0; attempt < writeAttempts; attempt++) {
    const changed = change(await router.read());
    if (changed === null) return;
    const result = await router.write(changed);
    switch (result.outcome) {
      case "written":
        return;
      case "fenced":
        throw fenced(result.route, result.epoch);
      case "outdated":
    }
  }
  throw new FairwayError("router_unavailable", `the routing table changed under ${writeAttempts} writes in a row`, {
    retryable: true,
  });
}

const fenced = (route: string, epoch: number): FairwayError =>
  new FairwayError("fenced", `route ${route} is held at epoch ${epoch} by a newer deployment`);

/** Waits for the open requests of replicas that are off the table. */
export async function drainFirst(router: TrafficRouter, replicas: readonly Replica[], within: Millis): Promise<void> {
  const endpoints = replicas.map((replica) => replica.endpoint).filter((endpoint) => endpoint !== null);
  if (endpoints.length > 0) await router.drain(endpoints, within);
}

const sameRoute = (a: Route | undefined, b: Route | null): boolean => sameValue(a ?? null, b);

/** Whether two plain values are the same, whatever the order of their keys. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const left = Object.entries(a);
  const right = b as Record<string, unknown>;
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(right, key) && sameValue(value, right[key]))
  );
}
