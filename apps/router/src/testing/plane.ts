import type { Endpoint, ReleaseId, Route, RoutingTable, TrafficGroup } from "@fairway/core";
import { bindTcp } from "../process/listening-socket.ts";
import { DataPlane } from "../proxy/data-plane.ts";
import { defaultLimits, type Limits } from "../proxy/limits.ts";
import { atEnd } from "./cleanup.ts";
import { RawClient } from "./raw-client.ts";

export const endpoint = (port: number, replica = `replica-${port}`): Endpoint => ({ replica, host: "127.0.0.1", port });

export const group = (release: string, ports: readonly number[], weight = 1): TrafficGroup => ({
  release: release as ReleaseId,
  weight,
  endpoints: ports.map((port) => endpoint(port)),
});

/** A route that takes everything, with checks so far apart that a test meets none. */
export const route = (groups: readonly TrafficGroup[], other: Partial<Route> = {}): Route => ({
  rules: [{ host: "*", path: "/" }],
  internalPath: "/api",
  health: { path: "/healthz", interval: 3_600_000, timeout: 1000 },
  epoch: 1,
  groups,
  ...other,
});

export const table = (routes: Readonly<Record<string, Route>>, version = 1): RoutingTable => ({ version, routes });

/** A data plane on ports of its own. */
export interface TestPlane {
  readonly plane: DataPlane;
  readonly port: number;
  readonly internalPort: number;
  client(): RawClient;
  /** Sends one request and waits for the end of the connection. */
  ask(request: string): Promise<RawClient>;
}

export async function testPlane(
  routes: Readonly<Record<string, Route>>,
  limits: Partial<Limits> = {},
): Promise<TestPlane> {
  const plane = new DataPlane({ ...defaultLimits, ...limits }, { clients: 1000, told: 100 });
  plane.apply(table(routes));
  atEnd(() => plane.close());
  const port = await listenOn(plane, (taking, fd) => taking.listen(fd, "public"));
  const internalPort = await listenOn(plane, (taking, fd) => taking.listen(fd, "internal"));
  return {
    plane,
    port,
    internalPort,
    client: () => new RawClient(port),
    ask: (request) => new RawClient(port).send(request).until(({ ended, closed }) => ended || closed),
  };
}

/** Has a plane take connections on a port of the test's own. */
export async function listenOn(
  plane: DataPlane,
  listen: (plane: DataPlane, fd: number, port: number) => Promise<void>,
): Promise<number> {
  const bound = bindTcp({ host: "127.0.0.1", port: 0 });
  if ("code" in bound) throw new Error(bound.message);
  await listen(plane, bound.socket.fd, bound.address.port);
  atEnd(() => bound.socket.close());
  return bound.address.port;
}

/** A GET whose connection ends with its answer. */
export const getOnce = (target: string, headers = ""): string =>
  `GET ${target} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n${headers}\r\n`;
