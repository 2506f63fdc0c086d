import type { Endpoint, Route, RoutingTable, TrafficRouter } from "@fairway/core";
import { withRoute } from "@fairway/core";
import { afterEach, describe, expect, test } from "vitest";

/** A router with a world around it that can be looked at. */
export interface TrafficRouterWorld {
  readonly router: TrafficRouter;
  /** A replica that answers. */
  endpoint(replica: string): Endpoint | Promise<Endpoint>;
  /** Brings a request through the router to one of its replicas that never ends by itself; left out where it carries none. */
  openRequest?(endpoint: Endpoint): void | Promise<void>;
  /** The router after it died and came back. */
  reopen?(): TrafficRouter | Promise<TrafficRouter>;
  /** Takes the world down and throws when it leaves something behind. */
  close(): void | Promise<void>;
}

/** A route that takes everything, to these endpoints. */
export const routeTo = (endpoints: readonly Endpoint[], epoch = 1): Route => ({
  rules: [{ host: "*", path: "/" }],
  internalPath: "/test/api",
  health: { path: "/healthz", interval: 1000, timeout: 1000 },
  groups: [{ release: "r1" as Route["groups"][number]["release"], weight: endpoints.length, endpoints }],
  epoch,
});

/** What every TrafficRouter must do, whoever carries the bytes. */
export function trafficRouterSuite(name: string, make: () => TrafficRouterWorld | Promise<TrafficRouterWorld>): void {
  let world: TrafficRouterWorld;

  /** Writes a route over whatever is there, and must get through: nobody else writes here. */
  async function put(route: string, to: Route, router = world.router): Promise<RoutingTable> {
    expect(await router.write(withRoute(await router.read(), route, to))).toMatchObject({ outcome: "written" });
    return router.read();
  }

  describe(`traffic router: ${name}`, () => {
    afterEach(async () => world.close());

    test("begins with no routes", async () => {
      world = await make();
      expect((await world.router.read()).routes).toEqual({});
    });

    test("what was written is what is read, and its version has grown by one", async () => {
      world = await make();
      const route = routeTo([await world.endpoint("a.0")]);
      const before = await world.router.read();
      const outcome = await world.router.write(withRoute(before, "test/api", route));
      expect(outcome).toEqual({ outcome: "written", version: before.version + 1 });
      expect(await world.router.read()).toEqual({ version: before.version + 1, routes: { "test/api": route } });
    });

    test("a table that was read before another write is outdated and changes nothing", async () => {
      world = await make();
      const old = await world.router.read();
      const now = await put("test/api", routeTo([await world.endpoint("a.0")]));
      expect(await world.router.write(withRoute(old, "test/web", routeTo([])))).toEqual({
        outcome: "outdated",
        version: now.version,
      });
      expect(await world.router.read()).toEqual(now);
    });

    test("the same write again is outdated", async () => {
      world = await make();
      const table = withRoute(await world.router.read(), "test/api", routeTo([]));
      expect(await world.router.write(table)).toMatchObject({ outcome: "written" });
      expect(await world.router.write(table)).toMatchObject({ outcome: "outdated" });
    });

    test("of two who write at once one gets through", async () => {
      world = await make();
      const table = await world.router.read();
      const outcomes = await Promise.all(
        ["test/api", "test/web"].map((route) => world.router.write(withRoute(table, route, routeTo([])))),
      );
      expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(["outdated", "written"]);
    });

    test("a route with an epoch below the one in force is fenced and changes nothing", async () => {
      world = await make();
      const now = await put("test/api", routeTo([await world.endpoint("a.0")], 5));
      expect(await world.router.write(withRoute(now, "test/api", routeTo([], 4)))).toEqual({
        outcome: "fenced",
        route: "test/api",
        epoch: 5,
      });
      expect(await world.router.read()).toEqual(now);
    });

    test("the epochs of different routes have nothing to do with each other", async () => {
      world = await make();
      await put("test/api", routeTo([], 5));
      const elsewhere = { rules: [{ host: "web.test", path: "/" }], internalPath: "/test/web" };
      const table = await put("test/web", { ...routeTo([], 2), ...elsewhere });
      expect(Object.keys(table.routes).toSorted()).toEqual(["test/api", "test/web"]);
    });

    test("a route that is left out is gone", async () => {
      world = await make();
      const { version } = await put("test/api", routeTo([]));
      expect(await world.router.write({ version, routes: {} })).toMatchObject({ outcome: "written" });
      expect((await world.router.read()).routes).toEqual({});
    });

    test("an endpoint that nobody knows is drained", async () => {
      world = await make();
      expect(await world.router.drain([{ replica: "nobody", host: "127.0.0.1", port: 9 }], 1000)).toEqual({ cut: 0 });
    });

    test("an endpoint without open requests is drained at once", async () => {
      world = await make();
      const endpoint = await world.endpoint("a.0");
      await put("test/api", routeTo([endpoint]));
      await put("test/api", routeTo([]));
      // Longer than a test may take: it does not wait for that.
      expect(await world.router.drain([endpoint], 3_600_000)).toEqual({ cut: 0 });
    });

    test("what is open past the deadline of a drain is cut and counted, and drained again there is nothing", async ({
      skip,
    }) => {
      world = await make();
      if (!world.openRequest) return skip("it carries no requests");
      const endpoint = await world.endpoint("a.0");
      await put("test/api", routeTo([endpoint]));
      await world.openRequest(endpoint);
      await put("test/api", routeTo([]));
      expect(await world.router.drain([endpoint], 100)).toEqual({ cut: 1 });
      expect(await world.router.drain([endpoint], 100)).toEqual({ cut: 0 });
    });

    test("after it died the last table that was written is in force again", async ({ skip }) => {
      world = await make();
      const table = await put("test/api", routeTo([await world.endpoint("a.0")], 3));
      if (!world.reopen) return skip("it does not outlive who made it");
      const router = await world.reopen();
      expect(await router.read()).toEqual(table);
      expect(await router.write(withRoute(table, "test/api", routeTo([], 2)))).toMatchObject({ outcome: "fenced" });
    });
  });
}
