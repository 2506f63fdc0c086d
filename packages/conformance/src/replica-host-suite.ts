import type { FencingToken, Replica, ReplicaHost, ReplicaSpec } from "@fairway/core";
import { codeOf, evidenceLimits } from "@fairway/core";
import { afterEach, describe, expect, test } from "vitest";
import type { Sentinel } from "./sentinels.ts";

/** A host with a world around it that can be looked at and whose time can be moved. */
export interface ReplicaHostWorld {
  readonly host: ReplicaHost;
  /** How to start a replica that behaves so. */
  spec(name: string, how: "well" | Exclude<Sentinel, "unstartable">): ReplicaSpec;
  /** Lets a little time pass. */
  pass(): void | Promise<void>;
  /** What a daemon finds that comes after one that died: the same place, looked at anew. */
  reopen?(): ReplicaHost | Promise<ReplicaHost>;
  /** Takes the world down and throws when it leaves something behind. */
  close(): void | Promise<void>;
}

/** Looks until the replicas are as wanted, and returns them as they were found. */
export async function untilReplicas(
  host: ReplicaHost,
  wanted: (replicas: readonly Replica[]) => boolean,
  pass: () => void | Promise<void>,
): Promise<readonly Replica[]> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const found = await host.list();
    if (wanted(found)) return found;
    if (Date.now() > deadline) throw new Error(`the replicas never came to be as wanted: ${JSON.stringify(found)}`);
    await pass();
  }
}

/** What every ReplicaHost must do, whatever a replica is there. */
export function replicaHostSuite(name: string, make: () => ReplicaHostWorld | Promise<ReplicaHostWorld>): void {
  const token: FencingToken = { scope: "test/api", epoch: 5, holder: "conformance" };
  const grace = 2000;
  let world: ReplicaHostWorld;

  const only = async (wanted: (replica: Replica) => boolean, host = world.host): Promise<Replica> => {
    const [replica] = await untilReplicas(host, ([first]) => first !== undefined && wanted(first), world.pass);
    return replica as Replica;
  };
  const start = async (replica: string, how: Parameters<ReplicaHostWorld["spec"]>[1] = "well"): Promise<void> => {
    world = await make();
    await world.host.start(world.spec(replica, how), token);
  };

  describe(`replica host: ${name}`, () => {
    afterEach(async () => world.close());

    test("has nothing on record where nothing was started", async () => {
      world = await make();
      expect(await world.host.list()).toEqual([]);
      await world.host.stop("nobody", grace, token);
      await world.host.forget("nobody", token);
      expect(await world.host.list()).toEqual([]);
    });

    test("a replica is on record once start returned, and gets ready at an endpoint of its own", async () => {
      await start("a.0");
      expect(await world.host.list()).toMatchObject([{ name: "a.0", alive: true }]);
      await world.host.start(world.spec("a.1", "well"), token);
      const found = await untilReplicas(world.host, (all) => all.every(({ state }) => state === "ready"), world.pass);
      expect(found).toHaveLength(2);
      expect(new Set(found.map(({ endpoint }) => endpoint?.port)).size).toBe(2);
      expect(new Set(found.map(({ endpoint }) => endpoint?.replica))).toEqual(new Set(["a.0", "a.1"]));
    });

    test("starting one that is on record does nothing", async () => {
      await start("a.0");
      const before = await only(({ state }) => state === "ready");
      await world.host.start(world.spec("a.0", "well"), token);
      expect((await world.host.list()).map(lasting)).toEqual([lasting(before)]);
    });

    test("two starts at once make one replica", async () => {
      world = await make();
      const spec = world.spec("a.0", "well");
      await Promise.all([world.host.start(spec, token), world.host.start(spec, token)]);
      expect(await world.host.list()).toHaveLength(1);
    });

    test("a stopped replica is dead and stays on record, and stopping it again does nothing", async () => {
      await start("a.0");
      await only(({ state }) => state === "ready");
      await world.host.stop("a.0", grace, token);
      expect(await world.host.list()).toMatchObject([{ state: "stopped", alive: false }]);
      await world.host.stop("a.0", grace, token);
      expect(await world.host.list()).toMatchObject([{ state: "stopped", alive: false }]);
    });

    test("a replica that has not started yet can be stopped", async () => {
      await start("a.0");
      await world.host.stop("a.0", grace, token);
      expect(await world.host.list()).toMatchObject([{ state: "stopped", alive: false }]);
    });

    test("a live replica cannot be forgotten, a dead one can, and its name is free again", async () => {
      await start("a.0");
      expect(await world.host.forget("a.0", token).catch(codeOf)).toBe("not_allowed_now");
      await world.host.stop("a.0", grace, token);
      await world.host.forget("a.0", token);
      expect(await world.host.list()).toEqual([]);
      await world.host.start(world.spec("a.0", "well"), token);
      expect(await only(({ state }) => state === "ready")).toMatchObject({ alive: true });
    });

    test("one that exits at once has failed, and says why", async () => {
      await start("a.0", "broken");
      const replica = await only(({ state, alive }) => state === "failed" && !alive);
      expect(replica.reason).toMatch(/exited with code 1/);
    });

    test("one that exits leaves its exit code and its last lines, until it is forgotten", async () => {
      await start("a.0", "broken");
      await only(({ state, alive }) => state === "failed" && !alive);
      const left = await world.host.evidence("a.0");
      expect(left?.exit).toMatchObject({ code: 1, signal: null, outOfMemory: false });
      expect(left?.log.length ?? 0).toBeLessThanOrEqual(evidenceLimits.lines);
      await world.host.forget("a.0", token);
      expect(await world.host.evidence("a.0")).toBeNull();
    });

    test("one that gets ill leaves what its health answered", async () => {
      await start("a.0", "ill-later");
      await only(({ state }) => state === "failed");
      const left = await world.host.evidence("a.0");
      expect(left?.exit).toBeNull();
      expect(left?.health.at(-1)).toMatchObject({ status: 500, error: null });
      expect(left?.health.length ?? 0).toBeLessThanOrEqual(evidenceLimits.answers);
    });

    test("one that never answers leaves why there was no answer", async () => {
      await start("a.0", "never-ready");
      await only(({ state }) => state === "failed");
      const left = await world.host.evidence("a.0");
      expect(left?.health.at(-1)?.status).toBeNull();
      expect(left?.health.at(-1)?.error).toBeTruthy();
    });

    test("one that is ready and then exits has failed", async () => {
      await start("a.0", "dies-later");
      expect((await only(({ state, alive }) => state === "failed" && !alive)).reason).toMatch(/exited with code/);
    });

    test("one that gets ill has failed though it is alive, and stays failed once it is stopped", async () => {
      await start("a.0", "ill-later");
      expect((await only(({ state }) => state === "failed")).alive).toBe(true);
      await world.host.stop("a.0", grace, token);
      expect(await world.host.list()).toMatchObject([{ state: "failed", alive: false }]);
    });

    test("one that never gets ready is given up though it is alive", async () => {
      await start("a.0", "never-ready");
      const replica = await only(({ state }) => state === "failed");
      expect(replica.alive).toBe(true);
      expect(replica.reason).toBeTruthy();
    });

    test("one that takes its time gets ready", async () => {
      await start("a.0", "late");
      await only(({ state }) => state === "ready");
    });

    test("who was overtaken changes nothing, and who overtook goes on", async () => {
      await start("a.0");
      const before = await only(({ state }) => state === "ready");
      const stale = { ...token, epoch: 4 };
      for (const effect of [
        () => world.host.start(world.spec("a.1", "well"), stale),
        () => world.host.stop("a.0", grace, stale),
        () => world.host.forget("a.0", stale),
        () => world.host.fence(stale),
      ])
        expect(await effect().catch(codeOf)).toBe("fenced");
      expect((await world.host.list()).map(lasting)).toEqual([lasting(before)]);
      await world.host.stop("a.0", grace, { ...token, epoch: 6 });
    });

    test("whoever comes after a daemon that died finds replicas, states and epochs as they were", async ({ skip }) => {
      await start("a.0");
      await world.host.start(world.spec("a.1", "broken"), token);
      const settled = (all: readonly Replica[]): boolean =>
        all.some((a) => a.state === "ready") && all.some((a) => a.state === "failed" && !a.alive);
      const before = await untilReplicas(world.host, settled, world.pass);
      if (!world.reopen) return skip("it does not outlive who made it");
      const host = await world.reopen();
      expect((await host.list()).map(lasting).toSorted(byName)).toEqual(before.map(lasting).toSorted(byName));
      expect((await host.evidence("a.1"))?.exit).toMatchObject({ code: 1 });
      expect(await host.stop("a.0", grace, { ...token, epoch: 4 }).catch(codeOf)).toBe("fenced");
      await host.stop("a.0", grace, token);
      expect((await host.list()).filter(({ alive }) => alive)).toEqual([]);
    });
  });
}

/** All but how long it has been well, which grows while one looks. */
const lasting = (replica: Replica): Replica => ({ ...replica, healthyFor: 0 });

const byName = (a: Replica, b: Replica): number => (a.name < b.name ? -1 : 1);
