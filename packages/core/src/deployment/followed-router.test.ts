import { memoryRouter, routeTo, trafficRouterSuite } from "@fairway/conformance";
import { expect, test } from "vitest";
import { FairwayError } from "../errors.ts";
import type { FencingToken } from "./fencing.ts";
import type { FollowedRouter } from "./followed-router.ts";
import { followedRouter } from "./followed-router.ts";
import type { Endpoint } from "./replica-host.ts";
import { leaveTable, withRoute } from "./routing.ts";
import type { Route, TrafficRouter } from "./traffic-router.ts";

const address = "10.0.1.12";
const at = (replica: string, port: number): Endpoint => ({ replica, host: "127.0.0.1", port });
const following = (
  own: TrafficRouter,
  follower: TrafficRouter,
  over: { readonly again?: number; readonly now?: () => number } = {},
): FollowedRouter => followedRouter({ own, follower, address, again: 60_000, now: () => 0, ...over });
const put = async (router: TrafficRouter, name: string, route: Route): Promise<void> =>
  expect(await router.write(withRoute(await router.read(), name, route))).toMatchObject({ outcome: "written" });

trafficRouterSuite("a router that another follows", () => {
  const own = memoryRouter();
  const follower = memoryRouter();
  let port = 8000;
  return {
    router: following(own, follower).forRoute("test/api"),
    endpoint: (replica) => at(replica, ++port),
    reopen: () => following(own, follower).forRoute("test/api"),
    close: () => undefined,
  };
});

test("the follower has the route and its preview at the machine's address, and nothing else of the table", async () => {
  const [own, follower] = [memoryRouter(), memoryRouter()];
  await put(follower, "other/web", routeTo([{ replica: "x", host: "10.9.9.9", port: 1 }]));
  const router = following(own, follower).forRoute("test/api");
  await put(own, "test/web", { ...routeTo([at("w.0", 8002)]), internalPath: "/test/web" });
  await put(router, "test/api", routeTo([at("a.0", 8001)]));
  const { routes } = await follower.read();
  expect(Object.keys(routes).toSorted()).toEqual(["other/web", "test/api"]);
  expect(routes["test/api"]?.groups[0]?.endpoints).toEqual([{ replica: "a.0", host: address, port: 8001 }]);
  expect((await own.read()).routes["test/api"]?.groups[0]?.endpoints[0]?.host).toBe("127.0.0.1");
});

test("a route that is gone goes at the follower too, and others' stay", async () => {
  const [own, follower] = [memoryRouter(), memoryRouter()];
  const router = following(own, follower).forRoute("test/api");
  await put(follower, "other/web", routeTo([]));
  await put(router, "test/api", routeTo([at("a.0", 8001)]));
  const { version } = await router.read();
  await router.write({ version, routes: {} });
  expect(Object.keys((await follower.read()).routes)).toEqual(["other/web"]);
});

test("what the follower did not take is no write, and the next read makes up for it", async () => {
  const [own, follower] = [memoryRouter(), memoryRouter()];
  let isAway = true;
  const router = following(own, {
    ...follower,
    read: () => follower.read(),
    drain: (...asked) => follower.drain(...asked),
    write: async (table) => {
      if (isAway) throw new FairwayError("target_unreachable", "AWS does not answer", { retryable: true });
      return follower.write(table);
    },
  }).forRoute("test/api");
  const route = routeTo([at("a.0", 8001)]);
  await expect(put(router, "test/api", route)).rejects.toThrow("AWS does not answer");
  expect((await follower.read()).routes).toEqual({});
  isAway = false;
  await router.read();
  expect((await follower.read()).routes["test/api"]?.groups[0]?.endpoints[0]?.host).toBe(address);
});

test("two writes at once leave the newer one at the follower, however long the older one took", async () => {
  const [own, follower] = [memoryRouter(), memoryRouter()];
  let free = (): void => undefined;
  const held = new Promise<void>((resolve) => (free = resolve));
  let isFirst = true;
  const slow: TrafficRouter = {
    read: () => follower.read(),
    drain: (...asked) => follower.drain(...asked),
    write: async (table) => {
      if (isFirst) {
        isFirst = false;
        await held;
      }
      return follower.write(table);
    },
  };
  const router = following(own, slow).forRoute("test/api");
  const older = put(router, "test/api", routeTo([at("a.0", 8001)]));
  await expect.poll(() => isFirst).toBe(false);
  // Straight to the table, as another handle would.
  await put(own, "test/api", routeTo([at("b.0", 8002)]));
  free();
  await older;
  expect((await follower.read()).routes["test/api"]?.groups[0]?.endpoints[0]?.port).toBe(8002);
});

test("a read asks nothing of the follower until the table is another or a while has passed", async () => {
  const [own, follower] = [memoryRouter(), memoryRouter()];
  let asked = 0;
  let time = 0;
  const counted: TrafficRouter = {
    read: () => {
      asked += 1;
      return follower.read();
    },
    write: (table) => follower.write(table),
    drain: (...of) => follower.drain(...of),
  };
  const router = following(own, counted, { now: () => time, again: 1000 }).forRoute("test/api");
  await put(router, "test/api", routeTo([at("a.0", 8001)]));
  const before = asked;
  for (let look = 0; look < 100; look++) await router.read();
  expect(asked).toBe(before);
  time = 1000;
  await router.read();
  expect(asked).toBe(before + 1);
});

test("a newer holder at the follower fences", async () => {
  const [own, follower] = [memoryRouter(), memoryRouter()];
  await put(follower, "test/api", routeTo([], 9));
  const router = following(own, follower).forRoute("test/api");
  await expect(put(router, "test/api", routeTo([at("a.0", 8001)], 2))).rejects.toMatchObject({ code: "fenced" });
});

test("a route that was left just before a kill goes at the follower when it is left again, but no other machine's", async () => {
  const [own, follower] = [memoryRouter(), memoryRouter()];
  const token = { scope: "test/api", epoch: 3 } as unknown as FencingToken;
  await put(following(own, follower).forRoute("test/api"), "test/api", routeTo([at("a.0", 8001)], 2));
  await leaveTable(own, "test/api", token);
  const after = following(own, follower).forRoute("test/api");
  await after.read();
  expect(Object.keys((await follower.read()).routes)).toEqual(["test/api"]);
  await leaveTable(after, "test/api", token);
  expect((await follower.read()).routes).toEqual({});
  await put(follower, "test/api", routeTo([{ replica: "x", host: "10.9.9.9", port: 1 }], 2));
  await leaveTable(following(own, follower).forRoute("test/api"), "test/api", token);
  expect(Object.keys((await follower.read()).routes)).toEqual(["test/api"]);
});
