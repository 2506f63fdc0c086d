import {
  chanceFrom,
  crashingHost,
  crashingRouter,
  isInjectedCrash,
  memoryHost,
  memoryRouter,
  releaseThat,
  rolloutOf,
  specOf,
} from "@fairway/conformance";
import { describe, expect, test } from "vitest";
import type { ReleaseId } from "../../ids.ts";
import { driven } from "../driven.ts";
import type { Replica } from "../replica-host.ts";
import type { Progress, Rollout } from "../rollout.ts";
import type { StrategyOptions } from "../strategy.ts";
import { plainFacts } from "../strategy.ts";
import type { RoutingTable, TrafficGroup } from "../traffic-router.ts";
import { linearSteps } from "./canary.ts";

const old = "r1" as ReleaseId;
const fresh = "r2" as ReleaseId;

const strategies: Readonly<Record<string, StrategyOptions>> = {
  "blue-green": { name: "blue-green", bake: 3 },
  canary: {
    name: "canary",
    steps: [
      { weight: 5, pause: 2 },
      { weight: 50, pause: 4 },
    ],
    bake: 3,
  },
  linear: { name: "linear", step: 30, every: 2, bake: 0 },
  recreate: { name: "recreate" },
};

interface Seen {
  readonly shares: number[];
  readonly outages: string[];
}

/** A service under a strategy, of which every routing table that was written is judged at that instant. */
class World {
  readonly seen: Seen = { shares: [], outages: [] };
  private readonly host;
  private readonly target;
  /** Moments since the candidate's share changed. */
  private since = 0;
  private share: number | undefined = undefined;
  private watching: Rollout | null = null;

  constructor(seed: number, crashes: boolean, busy: () => readonly string[] = () => []) {
    const chance = chanceFrom(seed);
    const crash = (): boolean => crashes && chance() < 0.1;
    this.host = memoryHost({ getsReady: () => chance() < 0.5 });
    const list = this.host.list.bind(this.host);
    const host = {
      ...this.host,
      list: async (): Promise<readonly Replica[]> =>
        (await list()).map((replica) => (busy().includes(replica.name) ? { ...replica, busy: 1 } : replica)),
    };
    this.target = driven({
      host: crashingHost(host, crash),
      router: crashingRouter(memoryRouter({ onWrite: (table) => this.judge(table) }), crash),
      route: { name: "test/api", rules: [], internalPath: "/api", health: { path: "/", interval: 1, timeout: 1 } },
      specOf: async (release, ordinal) => specOf(release, ordinal),
      stop: { drain: 0, grace: 0 },
      lookAgain: 1,
    });
  }

  private judge(table: RoutingTable): void {
    if (this.watching === null) return;
    const groups = table.routes["test/api"]?.groups ?? [];
    const total = weightOf(groups);
    if (total === 0 && this.watching.strategy.name !== "recreate") this.seen.outages.push(JSON.stringify(groups));
    const carried = weightOf(groups.filter(({ release }) => release === this.watching?.to));
    if (total > 0) this.seen.shares.push((100 * carried) / total);
  }

  async look(rollout: Rollout, verb: "advance" | "abort" = "advance"): Promise<Progress | "crashed"> {
    try {
      const progress =
        verb === "abort"
          ? await this.target.abort(rollout)
          : await this.target.advance(rollout, { ...plainFacts, sinceShift: this.since });
      if (progress.phase === "moving") {
        this.since = progress.weight === this.share ? this.since + 1 : 0;
        this.share = progress.weight;
      }
      return progress;
    } catch (thrown) {
      if (!isInjectedCrash(thrown)) throw thrown;
      return "crashed";
    } finally {
      this.host.tick();
    }
  }

  async moveToItsEnd(rollout: Rollout, verb: "advance" | "abort" = "advance"): Promise<Progress> {
    for (let looks = 0; looks < 2000; looks++) {
      const progress = await this.look(rollout, verb);
      if (progress !== "crashed" && progress.phase !== "moving") return progress;
    }
    throw new Error(`${rollout.id} never ended`);
  }

  /** From here on every table is judged. */
  watch(rollout: Rollout): void {
    this.watching = rollout;
  }

  async census(): Promise<Readonly<Record<string, number>>> {
    const ready = (await this.host.list()).filter(({ state }) => state === "ready");
    return Object.fromEntries(
      [...new Set(ready.map(({ release }) => release))].map((release) => [
        release,
        ready.filter((replica) => replica.release === release).length,
      ]),
    );
  }
}

const weightOf = (groups: readonly TrafficGroup[]): number =>
  groups.reduce((sum, { weight, endpoints }) => sum + (endpoints.length > 0 ? weight : 0), 0);

async function running(desired: number, strategy: StrategyOptions, seed: number, crashes: boolean): Promise<World> {
  const world = new World(seed, crashes);
  const first = await world.moveToItsEnd(rolloutOf({ from: null, to: old, desired, strategy }));
  expect(first).toEqual({ phase: "succeeded" });
  return world;
}

const allowed = (strategy: StrategyOptions): readonly number[] => {
  switch (strategy.name) {
    case "canary":
      return [0, ...strategy.steps.map(({ weight }) => weight), 100];
    case "linear":
      return [0, ...linearSteps(strategy).map(({ weight }) => weight), 100];
    default:
      return [0, 100];
  }
};

const cases = Object.entries(strategies).flatMap(([name, strategy]) =>
  [1, 2, 5].map((desired) => [name, desired, strategy] as const),
);
const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

describe.each(cases)("%s at %i", (_name, desired, strategy) => {
  test("the new release takes over by its steps and no others, with somebody to answer at every instant", async () => {
    for (const seed of seeds) {
      const world = await running(desired, strategy, seed, seed % 2 === 0);
      const next = rolloutOf({ from: old, to: fresh, desired, strategy, epoch: 2 });
      world.watch(next);
      expect(await world.moveToItsEnd(next)).toEqual({ phase: "succeeded" });
      const { shares, outages } = world.seen;
      expect(outages).toEqual([]);
      expect(
        [...new Set(shares)].filter((share) => !allowed(strategy).includes(Math.round(share * 1e6) / 1e6)),
      ).toEqual([]);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(await world.census()).toEqual({ [fresh]: desired });
    }
  });

  test("a release that does not start gets no request, and the old one is back whole", async () => {
    for (const seed of seeds) {
      const world = await running(desired, strategy, seed, seed % 2 === 0);
      const bad = rolloutOf({ from: old, to: releaseThat("broken"), desired, strategy, epoch: 2 });
      world.watch(bad);
      expect(await world.moveToItsEnd(bad)).toMatchObject({ phase: "failed" });
      expect(await world.moveToItsEnd(bad, "abort")).toEqual({ phase: "succeeded" });
      expect(world.seen.shares.filter((share) => share > 0)).toEqual([]);
      expect(world.seen.outages).toEqual([]);
      expect(await world.census()).toEqual({ [old]: desired });
    }
  });

  test("stopped at any moment it goes back, with somebody to answer all the way", async () => {
    for (const seed of seeds) {
      const world = await running(desired, strategy, seed, seed % 3 === 0);
      const next = rolloutOf({ from: old, to: fresh, desired, strategy, epoch: 2 });
      world.watch(next);
      for (let looks = 0; looks < seed; looks++) {
        const progress = await world.look(next);
        if (progress !== "crashed" && progress.phase !== "moving") break;
      }
      expect(await world.moveToItsEnd(next, "abort")).toEqual({ phase: "succeeded" });
      expect(world.seen.outages).toEqual([]);
      expect(await world.census()).toEqual({ [old]: desired });
    }
  });
});

test("the old set stays, without traffic, until the new one has stood its time and long work is done", async () => {
  const strategy = { name: "blue-green", bake: 3 } as const;
  let busy: readonly string[] = ["r1-0"];
  const world = new World(1, false, () => busy);
  await world.moveToItsEnd(rolloutOf({ from: null, to: old, desired: 2, strategy }));
  const next = rolloutOf({ from: old, to: fresh, desired: 2, strategy, epoch: 2 });
  const said: string[] = [];
  for (let looks = 0; looks < 60; looks++) {
    const progress = await world.look(next);
    if (progress === "crashed" || progress.phase !== "moving") break;
    if (said.at(-1) !== progress.message) said.push(progress.message);
    if (progress.message.includes("finished") && looks > 40) busy = [];
  }
  expect(said).toEqual([
    "2 old, 2 new",
    "waiting until the new replicas are ready",
    "100 % of traffic to r2",
    "waiting until the new release has proven itself",
    "waiting until 1 old replica has finished",
    "0 old, 2 new",
  ]);
  expect(await world.census()).toEqual({ [fresh]: 2 });
});

test("a canary starts no more new replicas than its share needs", async () => {
  const strategy = {
    name: "canary",
    steps: [
      { weight: 20, pause: 2 },
      { weight: 60, pause: 2 },
    ],
    bake: 0,
  } as const;
  const world = new World(1, false);
  await world.moveToItsEnd(rolloutOf({ from: null, to: old, desired: 5, strategy }));
  const next = rolloutOf({ from: old, to: fresh, desired: 5, strategy, epoch: 2 });
  const counts = new Set<number>();
  for (let progress = await world.look(next); progress !== "crashed" && progress.phase === "moving";) {
    counts.add((await world.census())[fresh] ?? 0);
    progress = await world.look(next);
  }
  expect([...counts].filter((count) => ![0, 1, 2, 3, 4, 5].includes(count))).toEqual([]);
  expect(counts.has(1)).toBe(true);
});
