import type { RoutingTable } from "@fairway/core";
import { expect, test } from "vitest";
import { serverChanges, type FoundServer } from "./server-changes.ts";
import { wantedServers } from "./servers.ts";

const tableOf = (...groups: readonly (readonly [weight: number, ...ports: readonly number[]])[]): RoutingTable =>
  ({
    version: 1,
    routes: {
      "test/api": {
        health: { path: "/", interval: 1000, timeout: 1000 },
        groups: groups.map(([weight, ...ports], index) => ({
          release: `r${index}`,
          weight,
          endpoints: ports.map((port) => ({ replica: `a.${port}`, host: "127.0.0.1", port })),
        })),
      },
    },
  }) as unknown as RoutingTable;

const backend = "r:test_2f_api";
const found = (port: number, weight: number, state: FoundServer["state"] = "ready"): FoundServer => ({
  backend,
  server: `127.0.0.1:${port}`,
  weight,
  state,
});

test("a group's weight is shared out among its endpoints, and whoever has one gets at least 1", () => {
  const weights = wantedServers(tableOf([90, 1, 2, 3], [10, 4], [0, 5], [0.001, 6])).map(({ weight }) => weight);
  expect(weights).toEqual([256, 256, 256, 85, 0, 1]);
});

test("who comes is added before who goes is drained", () => {
  const { raise, lower, forget } = serverChanges([found(1, 256)], wantedServers(tableOf([1, 2])));
  expect(raise.map((command) => command.split(" ").slice(0, 3).join(" "))).toEqual([
    `add server ${backend}/127.0.0.1:2`,
    `enable server ${backend}/127.0.0.1:2`,
    `enable health ${backend}/127.0.0.1:2`,
  ]);
  expect([lower, forget]).toEqual([[`set server ${backend}/127.0.0.1:1 state drain`], []]);
});

test("what is as wanted is left alone, and so is what is no route's", () => {
  const foreign: FoundServer = { backend: "handover_public", server: "next", weight: 1, state: "ready" };
  const changes = serverChanges([found(1, 256), foreign], wantedServers(tableOf([1, 1])));
  expect(changes).toEqual({ raise: [], lower: [], forget: [] });
});

test("an address that comes back is made ready again, and what is out is forgotten", () => {
  const changes = serverChanges([found(1, 256, "maint"), found(2, 1, "maint")], wantedServers(tableOf([1, 1])));
  expect(changes.raise).toEqual([`set server ${backend}/127.0.0.1:1 state ready`]);
  expect(changes.forget).toEqual([`del server ${backend}/127.0.0.1:2`]);
});
