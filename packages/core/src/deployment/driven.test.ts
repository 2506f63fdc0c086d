import type { MemoryHost } from "@fairway/conformance";
import { memoryHost, memoryRouter, moveToItsEnd, releaseThat, rolloutOf, specOf } from "@fairway/conformance";
import { expect, test } from "vitest";
import type { ReleaseId } from "../ids.ts";
import { codeOf } from "../errors.ts";
import { driven } from "./driven.ts";
import type { Replica, ReplicaHost } from "./replica-host.ts";
import type { RollingOptions } from "./strategies/rolling.ts";
import { plainFacts } from "./strategy.ts";
import type { RoutingTable } from "./traffic-router.ts";

const good = "r1" as ReleaseId;
const better = "r2" as ReleaseId;
const half: RollingOptions = { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200, breakerThreshold: 3 };
const surge: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
const passed = plainFacts;

/** A driven target of which everything that was done can be read, in order. */
function world(): ReturnType<typeof target> {
  return target(memoryHost());
}

function target(host: MemoryHost) {
  const done: string[] = [];
  const tables: RoutingTable[] = [];
  const router = memoryRouter({
    onWrite: (table) => {
      tables.push(table);
      done.push(`route to ${endpointsOf(table).join(" ") || "nobody"}`);
    },
  });
  const noted: ReplicaHost = {
    ...host,
    start: (spec, token) => (done.push(`start ${spec.name}`), host.start(spec, token)),
    stop: (name, grace, token) => (done.push(`stop ${name}`), host.stop(name, grace, token)),
  };
  const made = driven({
    host: noted,
    router: {
      ...router,
      drain: (endpoints, within) => (
        done.push(`drain ${endpoints.map((e) => e.replica).join(" ")}`),
        router.drain(endpoints, within)
      ),
    },
    route: { name: "test/api", rules: [], internalPath: "/api", health: { path: "/", interval: 1, timeout: 1 } },
    specOf: async (release, ordinal) => specOf(release, ordinal),
    stop: { drain: 1000, grace: 1000 },
    lookAgain: 25,
  });
  return {
    target: made,
    host,
    router,
    done,
    tables,
    pass: () => host.tick(),
    census: () => host.census(),
    close: () => undefined,
  };
}

const endpointsOf = (table: RoutingTable): readonly string[] =>
  Object.values(table.routes).flatMap((route) =>
    route.groups.flatMap((group) => group.endpoints.map(({ replica }) => replica)),
  );

async function running(desired: number, strategy = half): Promise<ReturnType<typeof world>> {
  const made = world();
  await moveToItsEnd(made, rolloutOf({ from: null, to: good, desired, strategy }));
  made.done.length = 0;
  return made;
}

test("the order is: start, route to the new, route off the old, drain the old, stop the old", async () => {
  const made = await running(1, surge);
  await moveToItsEnd(made, rolloutOf({ from: good, to: better, desired: 1, strategy: surge }));
  expect(made.done).toEqual(["start r2-0", "route to r1-0 r2-0", "route to r2-0", "drain r1-0", "stop r1-0"]);
});

test("a move that made room is followed at once, one that waits for a start is not", async () => {
  const made = await running(1, surge);
  const rollout = rolloutOf({ from: good, to: better, desired: 1, strategy: surge });
  expect(await made.target.advance(rollout, passed)).toMatchObject({ phase: "moving", checkAgainIn: 25 });
  made.host.tick();
  expect(await made.target.advance(rollout, passed)).toMatchObject({ phase: "moving", checkAgainIn: 0 });
});

test("the idle leave before the busy", async () => {
  const made = await running(2);
  const list = made.host.list.bind(made.host);
  const busy = async (): Promise<readonly Replica[]> =>
    (await list()).map((replica) => (replica.name === "r1-0" ? { ...replica, busy: 3 } : replica));
  const other = target({ ...made.host, list: busy });
  const strategy = { ...half, maximumPercent: 100 };
  await other.target.advance(rolloutOf({ from: good, to: better, desired: 2, strategy }), passed);
  expect(other.done.filter((what) => what.startsWith("stop"))).toEqual(["stop r1-1"]);
});

test("the breaker opens at its threshold and not before", async () => {
  const strategy = { ...surge, breakerThreshold: 2 };
  const made = await running(1, strategy);
  const bad = rolloutOf({ from: good, to: releaseThat("broken"), desired: 1, strategy });
  const failures: number[] = [];
  for (let phase = "moving"; phase === "moving"; made.host.tick()) {
    failures.push(made.host.failuresOf(bad.to));
    ({ phase } = await made.target.advance(bad, passed));
  }
  expect(failures.filter((failed) => failed >= 2)).toEqual([2]);
  expect(await made.target.advance(bad, passed)).toEqual({
    phase: "failed",
    reason: "2 new replicas failed; the breaker opens at 2\nbroken-0, broken-1: exited with code 1",
  });
});

test("a candidate that fails never got traffic", async () => {
  for (const sentinel of ["broken", "never-ready"] as const) {
    const made = await running(2);
    const bad = rolloutOf({ from: good, to: releaseThat(sentinel), desired: 2, strategy: half });
    await moveToItsEnd(made, bad);
    await moveToItsEnd(made, bad, "abort");
    expect(made.tables.flatMap(endpointsOf).filter((replica) => replica.startsWith(sentinel))).toEqual([]);
  }
});

test("a failed replica that still lives is ended before anything else is started", async () => {
  const made = await running(1);
  const bad = rolloutOf({ from: good, to: releaseThat("never-ready"), desired: 1, strategy: half });
  await moveToItsEnd(made, bad);
  const moves = made.done.filter((what) => /^(start|stop) never/.test(what));
  expect(moves).toEqual(moves.map((_, at) => `${at % 2 === 0 ? "start" : "stop"} never-ready-${Math.floor(at / 2)}`));
});

test("while an abort buries a failed old replica, the others keep the traffic", async () => {
  const made = await running(3);
  const rollout = rolloutOf({ from: good, to: better, desired: 3, strategy: half });
  await made.target.advance(rollout, passed);
  const list = made.host.list.bind(made.host);
  let ill = true;
  const other = target({
    ...made.host,
    list: async () =>
      (await list()).map((replica) =>
        replica.name === "r1-0" && replica.alive && ill ? { ...replica, state: "failed" } : replica,
      ),
    stop: async (name, grace, token) => {
      ill = false;
      await made.host.stop(name, grace, token);
    },
  });
  await moveToItsEnd(other, rollout, "abort");
  expect(other.tables.filter((table) => endpointsOf(table).length === 0)).toEqual([]);
});

test("an abort with nothing to go back to leaves no replica, no record and no route", async () => {
  const made = world();
  const first = rolloutOf({ from: null, to: good, desired: 2, strategy: half });
  await made.target.advance(first, passed);
  made.host.tick();
  expect(await moveToItsEnd(made, first, "abort")).toEqual({ phase: "succeeded" });
  expect(await made.host.list()).toEqual([]);
  expect(made.router.table.routes).toEqual({});
});

test("whoever was overtaken takes no route off the table", async () => {
  const made = await running(1);
  await made.target.advance(rolloutOf({ from: null, to: good, desired: 1, strategy: half, epoch: 7 }), passed);
  const elsewhere = target(memoryHost());
  await elsewhere.router.write({ ...made.router.table, version: 0 });
  const stale = rolloutOf({ from: null, to: good, desired: 1, strategy: half, epoch: 6 });
  expect(await elsewhere.target.abort(stale).catch(codeOf)).toBe("fenced");
  expect(Object.keys(elsewhere.router.table.routes)).toEqual(["test/api"]);
});

test("keeping replaces what died, tells only of that, and leaves the rest alone", async () => {
  const made = await running(2);
  made.host.kill("r1-1");
  const wanted = rolloutOf({ from: null, to: good, desired: 2, strategy: half });
  expect(await made.target.keep?.(wanted)).toEqual({
    ready: 1,
    restarted: ["r1-1"],
    lost: [{ replica: "r1-1", reason: "ended by SIGKILL" }],
    idle: [],
  });
  made.host.tick();
  expect(await made.target.keep?.(wanted)).toMatchObject({ ready: 2, restarted: [], lost: [] });
  expect(endpointsOf(made.router.table)).toEqual(["r1-0", "r1-1"]);
});

test("keeping without starting yet takes what died off the traffic, and starts it when it may", async () => {
  const made = await running(2);
  made.host.kill("r1-1");
  const wanted = rolloutOf({ from: null, to: good, desired: 2, strategy: half });
  expect(await made.target.keep?.(wanted, "later")).toMatchObject({ restarted: [], lost: [{ replica: "r1-1" }] });
  expect(endpointsOf(made.router.table)).toEqual(["r1-0"]);
  expect(await made.target.keep?.(wanted, "later")).toMatchObject({ ready: 1, restarted: [], lost: [] });
  expect(await made.target.keep?.(wanted, "now")).toMatchObject({ ready: 1, restarted: ["r1-1"], lost: [] });
});

test("a smaller number is reached without falling below it", async () => {
  const made = await running(5);
  let least = Infinity;
  const fewer = rolloutOf({ from: good, to: better, desired: 2, strategy: surge, epoch: 2 });
  await moveToItsEnd(
    { ...made, pass: () => (made.host.tick(), void (least = Math.min(least, made.host.census().ready))) },
    fewer,
  );
  expect(made.host.census()).toEqual({ alive: 2, ready: 2 });
  expect(least).toBeGreaterThanOrEqual(2);
});
