import { FairwayError } from "../errors.ts";
import type { Millis } from "../units.ts";
import { isStale } from "./fencing.ts";
import type { Endpoint } from "./replica-host.ts";
import { previewSuffix } from "./routing.ts";
import type { Route, RoutingTable, TrafficRouter } from "./traffic-router.ts";

/** A second router that carries the public traffic of some routes of the first, in front of the same replicas. */
export interface FollowingParts {
  /** Whose table counts. */
  readonly own: TrafficRouter;
  readonly follower: TrafficRouter;
  /** This machine, as the follower reaches it. */
  readonly address: string;
  /** After so long the follower is made to follow again, whoever has changed it meanwhile. */
  readonly again: Millis;
  /** By a clock that nobody can set. */
  readonly now: () => Millis;
}

/** What of routers is the same for all routes that one follower carries. */
export interface FollowedRouter {
  /** The first router, whose writes of this route and its preview return when the follower has it too. */
  forRoute(route: string): TrafficRouter;
}

/** How often a write to the follower is tried when others write at the same time. */
const attempts = 50;

/**
 * Makes one router follow another. Nothing is stopped before it is off both tables and drained at both: a write that the
 * follower did not take throws, and the next read or write tries it again. What the follower has of other routes stays.
 */
export function followedRouter({ own, follower, address, again, now }: FollowingParts): FollowedRouter {
  const followed = new Map<string, { readonly routes: string; readonly at: Millis }>();
  let turn: Promise<void> = Promise.resolve();

  /** One after the other: an older table must not be given to the follower after a newer one. */
  function follow(route: string, table: RoutingTable): Promise<void> {
    const known = followed.get(route);
    const wanted = JSON.stringify(ofRoute(table, route));
    if (known?.routes === wanted && now() - known.at < again) return Promise.resolve();
    const mine = turn.then(() => catchUp(route));
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function catchUp(route: string): Promise<void> {
    for (;;) {
      const wanted = ofRoute(await own.read(), route);
      await give(route, wanted);
      followed.set(route, { routes: JSON.stringify(wanted), at: now() });
      if (JSON.stringify(ofRoute(await own.read(), route)) === JSON.stringify(wanted)) return;
    }
  }

  async function give(route: string, wanted: Readonly<Record<string, Route>>): Promise<void> {
    const seen = Object.fromEntries(Object.entries(wanted).map(([name, one]) => [name, asSeenFrom(address, one)]));
    for (let left = attempts; left > 0; left--) {
      const table = await follower.read();
      const others = Object.entries(table.routes).filter(([name]) => !namesOf(route).includes(name));
      if (JSON.stringify(ofRoute(table, route)) === JSON.stringify(seen)) return;
      const result = await follower.write({
        version: table.version,
        routes: { ...Object.fromEntries(others), ...seen },
      });
      if (result.outcome === "written") return;
      if (result.outcome === "fenced")
        throw new FairwayError(
          "fenced",
          `route ${result.route} is held at epoch ${result.epoch} at the load balancer by a newer deployment`,
        );
    }
    throw new FairwayError(
      "router_unavailable",
      `the load balancer's table changed under ${attempts} writes in a row`,
      {
        retryable: true,
      },
    );
  }

  return {
    forRoute: (route) => ({
      async read() {
        const table = await own.read();
        // A table that never had the route takes none away: it may be another machine's, which still answers.
        const isOurs = followed.has(route) || Object.keys(ofRoute(table, route)).length > 0;
        if (isOurs) await follow(route, table);
        return table;
      },
      async write(table) {
        const result = await own.write(table);
        if (result.outcome === "written") await follow(route, table);
        return result;
      },
      async left(token) {
        const has = Object.values(ofRoute(await follower.read(), route));
        const isOurs = has.some(({ groups }) =>
          groups.some(({ endpoints }) => endpoints.some(({ host }) => host === address)),
        );
        // Another machine's of the same name still answers, and a newer holder's is not ours to take.
        if (!isOurs || has.some(({ epoch }) => isStale(token, epoch))) return;
        followed.delete(route);
        await follow(route, await own.read());
      },
      async drain(endpoints, within) {
        const [here, there] = await Promise.all([
          own.drain(endpoints, within),
          follower.drain(endpoints.map(seenFrom(address)), within),
        ]);
        return { cut: here.cut + there.cut };
      },
    }),
  };
}

const namesOf = (route: string): readonly string[] => [route, `${route}${previewSuffix}`];

/** A route and its preview, where they are there, always in the same order. */
const ofRoute = ({ routes }: RoutingTable, route: string): Readonly<Record<string, Route>> =>
  Object.fromEntries(
    namesOf(route).flatMap((name) => {
      const found = Object.hasOwn(routes, name) ? routes[name] : undefined;
      return found === undefined ? [] : [[name, found]];
    }),
  );

const isHere = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");

const seenFrom =
  (address: string) =>
  (endpoint: Endpoint): Endpoint =>
    isHere(endpoint.host) ? { ...endpoint, host: address } : endpoint;

const asSeenFrom = (address: string, route: Route): Route => ({
  ...route,
  groups: route.groups.map((group) => ({ ...group, endpoints: group.endpoints.map(seenFrom(address)) })),
});
