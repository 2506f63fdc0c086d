import {
  chanceFrom,
  memoryHost,
  memoryRouter,
  moveToItsEnd,
  releaseThat,
  rolloutOf,
  specOf,
} from "@fairway/conformance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReleaseId } from "../../ids.ts";
import { driven } from "../driven.ts";
import type { Replica, ReplicaHost } from "../replica-host.ts";
import type { StrategyOptions } from "../strategy.ts";
import { nothing } from "../strategy.ts";
import type { RoutingTable } from "../traffic-router.ts";
import { breakerProblems, breakerThreshold, opened } from "./breaker.ts";
import { defaultRolling, leastReady } from "./rolling.ts";

const old = "r1" as ReleaseId;
const fresh = "r2" as ReleaseId;

describe("the threshold", () => {
  test.each([
    [1, 3],
    [6, 3],
    [7, 4],
    [25, 13],
    [399, 200],
    [10_000, 200],
  ])("of half of %i is %i, as ECS has it", (desired, threshold) => {
    expect(breakerThreshold({}, desired)).toBe(threshold);
    expect(breakerThreshold({ breakerPercent: 50 }, desired)).toBe(threshold);
  });

  test("of a share is the least whole number that is no less than it, between 3 and 200", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1000 }), (percent, desired) => {
        const threshold = breakerThreshold({ breakerPercent: percent }, desired);
        expect(threshold).toBeGreaterThanOrEqual(3);
        expect(threshold).toBeLessThanOrEqual(200);
        expect(threshold === 200 || threshold * 100 >= desired * percent).toBe(true);
        expect(threshold === 3 || (threshold - 1) * 100 < desired * percent).toBe(true);
      }),
    );
  });

  test("that is a number is that number, whatever the size", () => {
    expect(breakerThreshold({ breakerThreshold: 1 }, 400)).toBe(1);
  });

  test.each([
    [{ breakerThreshold: 0 }, "at least 1"],
    [{ breakerPercent: 0 }, "above 0 %"],
    [{ breakerPercent: 101 }, "at most 100 %"],
    [{ breakerThreshold: 3, breakerPercent: 3 }, "not both"],
  ])("%o cannot be one", (options, why) => expect(breakerProblems(options).join()).toContain(why));
});

test("it opens at the threshold and not before, by what it is told to count", () => {
  fc.assert(
    fc.property(fc.nat(12), fc.nat(12), fc.integer({ min: 1, max: 9 }), (all, last, threshold) => {
      const group = { ...nothing, failed: Math.max(all, last), failedInARow: last };
      const is = (counts: "cumulative" | "consecutive"): boolean =>
        opened({ breakerThreshold: threshold, breakerCounts: counts }, 5, group) !== null;
      expect(is("cumulative")).toBe(group.failed >= threshold);
      expect(is("consecutive")).toBe(last >= threshold);
    }),
  );
});

/** A service that is moved by the engine's rules, over a host that can be looked into. */
function worldOf(host: ReplicaHost & { tick(): void }, onWrite: (table: RoutingTable) => void = () => undefined) {
  const target = driven({
    host,
    router: memoryRouter({ onWrite }),
    route: { name: "test/api", rules: [], internalPath: "/api", health: { path: "/", interval: 1, timeout: 1 } },
    specOf: async (release, ordinal) => specOf(release, ordinal),
    stop: { drain: 0, grace: 0 },
    lookAgain: 1,
  });
  return { target, pass: () => host.tick(), census: () => ({ alive: 0, ready: 0 }), close: () => undefined };
}

test("in a row counts only what failed after the last good one", async () => {
  // One is ill for good and the others are well: a third one that fails after a good one is a first again.
  const host = memoryHost();
  const flaky = {
    ...host,
    list: async () => (await host.list()).map((replica) => failedIf(replica, ["r2-0", "r2-2"])),
  };
  const options: StrategyOptions = { ...defaultRolling, breakerThreshold: 2 };
  const rollout = (strategy: StrategyOptions) => rolloutOf({ from: null, to: fresh, desired: 2, strategy });
  const cumulative = await moveToItsEnd(worldOf(flaky), rollout(options));
  expect(cumulative).toMatchObject({ phase: "failed", reason: expect.stringContaining("2 new replicas failed;") });

  const other = memoryHost();
  const again = {
    ...other,
    list: async () => (await other.list()).map((replica) => failedIf(replica, ["r2-0", "r2-2"])),
  };
  const consecutive = await moveToItsEnd(worldOf(again), rollout({ ...options, breakerCounts: "consecutive" }));
  expect(consecutive).toEqual({ phase: "succeeded" });

  const broken = rolloutOf({
    from: null,
    to: releaseThat("broken"),
    desired: 2,
    strategy: { ...options, breakerCounts: "consecutive" },
  });
  const inARow = await moveToItsEnd(worldOf(memoryHost()), broken);
  expect(inARow).toMatchObject({ phase: "failed", reason: expect.stringContaining("2 new replicas failed in a row;") });
});

const failedIf = (replica: Replica, names: readonly string[]): Replica =>
  names.includes(replica.name) && replica.state !== "starting" ? { ...replica, state: "failed" } : replica;

describe("a replica counts as good only once it stayed healthy", () => {
  const minHealthyTime = 4;

  /** What went too early in a rollout whose every stop and every table is judged at its instant. */
  async function tooEarly(strategy: StrategyOptions, desired: number, seed: number, lie = false): Promise<string[]> {
    const chance = chanceFrom(seed);
    const found: string[] = [];
    let judging = false;
    const host = memoryHost({ getsReady: () => chance() < 0.5 });
    const proven = async (): Promise<number> =>
      (await host.list()).filter(({ release, healthyFor }) => release === fresh && healthyFor >= minHealthyTime).length;
    const watched = {
      ...host,
      list: async () =>
        (await host.list()).map((replica) => (lie ? { ...replica, healthyFor: Number.POSITIVE_INFINITY } : replica)),
      async stop(...[name, grace, token]: Parameters<ReplicaHost["stop"]>): Promise<void> {
        await host.stop(name, grace, token);
        if (!judging) return;
        const others = (await host.list()).filter(({ release, state }) => release === old && state === "ready").length;
        const least = leastReady(defaultRolling, desired);
        if (others + (await proven()) < least) found.push(`${name} was ended`);
      },
    };
    const judge = async (table: RoutingTable): Promise<void> => {
      const candidate = table.routes["test/api"]?.groups.find(({ release }) => release === fresh);
      if (judging && strategy.name === "blue-green" && (candidate?.weight ?? 0) > 0 && (await proven()) < desired)
        found.push("traffic went to what was not proven");
    };
    const world = worldOf(watched, (table) => void judge(table));
    await moveToItsEnd(world, rolloutOf({ from: null, to: old, desired, strategy: defaultRolling }));
    judging = true;
    await moveToItsEnd(world, rolloutOf({ from: old, to: fresh, desired, strategy, epoch: 2 }));
    return found;
  }

  const strategies: readonly StrategyOptions[] = [
    { ...defaultRolling, minHealthyTime },
    { name: "blue-green", bake: 0, minHealthyTime },
  ];
  const every = strategies.flatMap((strategy) => [1, 2, 3, 5].map((desired) => ({ strategy, desired })));

  test.each(every)("$strategy.name of $desired", async ({ strategy, desired }) => {
    for (let seed = 1; seed <= 5; seed++) expect(await tooEarly(strategy, desired, seed)).toEqual([]);
  });

  test.each(strategies)("and $name that counts them at once is noticed", async (strategy) => {
    expect(await tooEarly(strategy, 3, 1, true)).not.toEqual([]);
  });
});
