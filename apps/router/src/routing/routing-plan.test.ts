import { describe, expect, it } from "vitest";
import { EndpointState } from "../proxy/endpoint-state.ts";
import { TrafficCounters } from "../proxy/traffic-counters.ts";
import { group, route, table } from "../testing/plane.ts";
import { chooseEndpoint } from "./choose-endpoint.ts";
import { isUnder, RoutingPlan, type RoutePlan } from "./routing-plan.ts";

const compiled = (routes: Parameters<typeof table>[0]): RoutingPlan<EndpointState> =>
  new RoutingPlan(table(routes), {
    endpointOf: (endpoint) => new EndpointState(endpoint),
    countersOf: () => new TrafficCounters(),
  });

describe("routes", () => {
  const plan = compiled({
    web: route([], { rules: [{ host: "*", path: "/" }], internalPath: "/web" }),
    api: route([], { rules: [{ host: "Shop.test", path: "/api" }], internalPath: "/api" }),
    admin: route([], { rules: [{ host: "shop.test", path: "/api/admin" }], internalPath: "/api/admin" }),
  });
  const nameOf = (host: string, target: string): string | undefined => plan.publicRoute(host, target)?.route.name;

  it("are found by host, then by the longest path", () => {
    expect(nameOf("shop.test", "/api/admin/x")).toBe("admin");
    expect(nameOf("shop.test", "/api/adminx")).toBe("api");
    expect(nameOf("shop.test", "/api?x=/api/admin")).toBe("api");
    expect(nameOf("other.test", "/api")).toBe("web");
  });

  it("of any host take what no rule of the host takes", () => {
    expect(nameOf("shop.test", "/apix")).toBe("web");
    expect(nameOf("", "/")).toBe("web");
  });

  it("are reached by their prefix on the internal listener, which is taken off again", () => {
    const targetOf = (target: string): string | undefined => plan.internalRoute(target)?.target;
    expect(targetOf("/api/x?y=1")).toBe("/x?y=1");
    expect(targetOf("/api")).toBe("/");
    expect(targetOf("/api?y=1")).toBe("/?y=1");
    expect(targetOf("/api/admin/z")).toBe("/z");
    expect(targetOf("/apix")).toBeUndefined();
  });

  it("begin and end at segment borders", () => {
    expect(isUnder("/a/b", "/a/")).toBe(true);
    expect(isUnder("/a", "/a/")).toBe(false);
    expect(isUnder("*", "/")).toBe(true);
  });
});

const failing = (): never => {
  throw new Error("the plan has no route");
};

describe("the choice of an endpoint", () => {
  const onlyRoute = (groups: Parameters<typeof route>[0]): RoutePlan<EndpointState> =>
    compiled({ api: route(groups) }).routes[0] ?? failing();
  const counted = (plan: RoutePlan<EndpointState>, times: number, by: "release" | "port"): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (let i = 0; i < times; i++) {
      const choice = chooseEndpoint(plan, undefined, 0);
      const key = by === "release" ? choice?.group.release : choice?.endpoint.endpoint.port;
      counts[String(key)] = (counts[String(key)] ?? 0) + 1;
    }
    return counts;
  };

  it("deals every hundred requests out by weight, exactly", () => {
    const plan = onlyRoute([group("r1", [1], 95), group("r2", [2], 5), group("r3", [3], 0)]);
    expect(counted(plan, 100, "release")).toEqual({ r1: 95, r2: 5 });
    expect(counted(plan, 100, "release")).toEqual({ r1: 95, r2: 5 });
  });

  it("goes round among equally busy endpoints, and to the least busy one otherwise", () => {
    const plan = onlyRoute([group("r1", [1, 2, 3])]);
    expect(counted(plan, 9, "port")).toEqual({ 1: 3, 2: 3, 3: 3 });
    const [first, second] = plan.groups[0]?.endpoints ?? [];
    first?.requestBegins();
    second?.requestBegins();
    expect(counted(plan, 5, "port")).toEqual({ 3: 5 });
  });

  it("passes over endpoints that are ill, ejected, draining or tried, and groups with nobody left", () => {
    const plan = onlyRoute([group("r1", [1], 90), group("r2", [2, 3], 10)]);
    const [stable] = plan.groups[0]?.endpoints ?? [];
    const [second, third] = plan.groups[1]?.endpoints ?? [];
    if (stable === undefined || second === undefined || third === undefined) throw new Error("not compiled");
    stable.well = false;
    second.eject(10, "refused");
    expect(counted(plan, 4, "port")).toEqual({ 3: 4 });
    expect(chooseEndpoint(plan, new Set([third]), 0)).toBeUndefined();
    expect(chooseEndpoint(plan, new Set([third]), 10)?.endpoint).toBe(second);
  });
});
