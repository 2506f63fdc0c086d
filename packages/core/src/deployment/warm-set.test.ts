import {
  chanceFrom,
  crashingHost,
  crashingRouter,
  isInjectedCrash,
  memoryHost,
  memoryRouter,
  rolloutOf,
  specOf,
} from "@fairway/conformance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReleaseId } from "../ids.ts";
import { driven } from "./driven.ts";
import type { Replica } from "./replica-host.ts";
import type { Rollout } from "./rollout.ts";
import { atOnce } from "./strategies/shift-options.ts";
import type { StrategyOptions } from "./strategy.ts";
import { plainFacts } from "./strategy.ts";
import type { Upkeep } from "./target.ts";
import type { RoutingTable } from "./traffic-router.ts";

const id = (name: string): ReleaseId => name as ReleaseId;
const warm: StrategyOptions = { name: "blue-green", bake: 0, keepWarm: 600_000 };
const warmCanary: StrategyOptions = {
  name: "canary",
  steps: [{ weight: 10, pause: 0 }],
  bake: 0,
  keepWarm: 600_000,
};

const rolling: StrategyOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };

/** An environment with one service, its deployments, and its keeper, of which every table is judged. */
class World {
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  readonly outages: string[] = [];
  readonly host;
  readonly router;
  readonly target;
  private epoch = 0;
  private current: ReleaseId | null = null;
  busy: readonly string[] = [];

  constructor(crash: () => boolean = () => false) {
    this.host = memoryHost();
    const { list, start, stop } = this.host;
    this.router = memoryRouter({ onWrite: (table) => this.judge(table) });
    const host = {
      ...this.host,
      list: async (): Promise<readonly Replica[]> =>
        (await list()).map((replica) => (this.busy.includes(replica.name) ? { ...replica, busy: 1 } : replica)),
      start: (...told: Parameters<typeof start>) => (this.started.push(told[0].name), start(...told)),
      stop: (...told: Parameters<typeof stop>) => (this.stopped.push(told[0]), stop(...told)),
    };
    this.target = driven({
      host: crashingHost(host, crash),
      router: crashingRouter(this.router, crash),
      route: { name: "test/api", rules: [], internalPath: "/api", health: { path: "/", interval: 1, timeout: 1 } },
      specOf: async (release, ordinal) => specOf(release, ordinal),
      stop: { drain: 0, grace: 0 },
      lookAgain: 1,
    });
  }

  private judge(table: RoutingTable): void {
    const weight = (table.routes["test/api"]?.groups ?? []).reduce((sum, group) => sum + group.weight, 0);
    if (this.current !== null && weight === 0) this.outages.push(JSON.stringify(table.routes));
  }

  rollout(to: string, strategy: StrategyOptions): Rollout {
    return rolloutOf({ from: this.current, to: id(to), desired: 2, strategy, epoch: ++this.epoch });
  }

  /** Moves until it ends; a crash is followed by another try, as after a daemon's death. Returns how many looks it took. */
  async move(rollout: Rollout, verb: "advance" | "abort" = "advance"): Promise<number> {
    for (let looks = 1; looks < 1000; looks++) {
      const progress = await this.even(() =>
        verb === "advance" ? this.target.advance(rollout, plainFacts) : this.target.abort(rollout),
      );
      if (progress?.phase === "succeeded") {
        if (verb === "advance") this.current = rollout.to;
        return looks;
      }
      this.host.tick();
    }
    throw new Error(`${rollout.id} never ended`);
  }

  deploy(to: string, strategy: StrategyOptions = warm): Promise<number> {
    return this.move(this.rollout(to, strategy));
  }

  keep(): Promise<Upkeep | undefined> {
    const wanted = { ...this.rolloutOfKeeper(), strategy: warm };
    return this.even(async () => this.target.keep?.(wanted));
  }

  async endIdle(stays: ReleaseId | null): Promise<void> {
    await this.even(async () => this.target.endIdle?.(this.rolloutOfKeeper(), stays));
  }

  private rolloutOfKeeper(): Rollout {
    return rolloutOf({ from: null, to: this.current ?? id("r0"), desired: 2, strategy: warm, epoch: this.epoch });
  }

  /** What the call says; undefined when it crashed. */
  private async even<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await call();
    } catch (thrown) {
      if (!isInjectedCrash(thrown)) throw thrown;
      return undefined;
    }
  }

  async alive(): Promise<readonly string[]> {
    return (await this.host.list()).filter(({ alive }) => alive).map(({ name }) => name);
  }

  /** The releases that get requests now. */
  get served(): readonly string[] {
    const groups = this.router.table.routes["test/api"]?.groups ?? [];
    return groups.filter(({ weight }) => weight > 0).map(({ release }) => release);
  }

  get onTheTable(): readonly string[] {
    const groups = this.router.table.routes["test/api"]?.groups ?? [];
    return groups.flatMap(({ endpoints }) => endpoints.map(({ replica }) => replica));
  }
}

describe.each([warm, warmCanary])("after a $name that keeps its old set warm", (strategy) => {
  test("the old set runs on, off the table, and the keeper lets it be", async () => {
    const world = new World();
    await world.deploy("r1");
    await world.deploy("r2", strategy);
    expect(world.onTheTable).toEqual(["r2-0", "r2-1"]);
    expect(await world.alive()).toEqual(["r1-0", "r1-1", "r2-0", "r2-1"]);
    expect(await world.keep()).toMatchObject({
      ready: 2,
      restarted: [],
      lost: [],
      idle: [
        { replica: "r1-0", release: "r1" },
        { replica: "r1-1", release: "r1" },
      ],
    });
    expect(world.onTheTable).toEqual(["r2-0", "r2-1"]);
    await world.endIdle(id("r1"));
    expect(await world.alive()).toHaveLength(4);
  });

  test("a rollback starts nothing, switches at its first look, and leaves what it left to the keeper", async () => {
    const world = new World();
    await world.deploy("r1");
    await world.deploy("r2", strategy);
    world.started.length = 0;
    world.stopped.length = 0;
    expect(await world.deploy("r1", atOnce(strategy))).toBe(2);
    expect(world.served).toEqual(["r1"]);
    expect([world.started, world.stopped]).toEqual([[], []]);
    expect((await world.keep())?.idle.map(({ replica }) => replica)).toEqual(["r2-0", "r2-1"]);
    await world.endIdle(null);
    expect(await world.alive()).toEqual(["r1-0", "r1-1"]);
  });
});

test("a warm replica that dies is neither started again nor told of, and one of the service that is wanted is", async () => {
  const world = new World();
  await world.deploy("r1");
  await world.deploy("r2");
  world.host.kill("r1-0");
  world.host.kill("r2-0");
  expect(await world.keep()).toMatchObject({ restarted: ["r2-0"], lost: [{ replica: "r2-0" }] });
  expect((await world.alive()).toSorted()).toEqual(["r1-1", "r2-0", "r2-1"]);
});

test("a rollback to a warm set of which one has died waits for the one that is missing", async () => {
  const world = new World();
  await world.deploy("r1");
  await world.deploy("r2");
  world.host.kill("r1-0");
  world.started.length = 0;
  await world.deploy("r1", atOnce(warm));
  expect(world.started).toHaveLength(1);
  expect(world.onTheTable).toHaveLength(2);
  expect(world.served).toEqual(["r1"]);
});

test("the next deployment ends the warm set before it starts anything", async () => {
  const world = new World();
  await world.deploy("r1");
  await world.deploy("r2");
  const next = world.rollout("r3", warm);
  world.started.length = 0;
  await world.move(next);
  expect(world.stopped.slice(0, 2).toSorted()).toEqual(["r1-0", "r1-1"]);
  expect((await world.alive()).toSorted()).toEqual(["r2-0", "r2-1", "r3-0", "r3-1"]);
});

test("a deployment that fails when it has switched gets its old set back at once", async () => {
  const world = new World();
  await world.deploy("r1");
  const next = world.rollout("r2", warm);
  await world.move(next);
  world.started.length = 0;
  await world.move(next, "abort");
  expect(world.started).toEqual([]);
  expect(await world.alive()).toEqual(["r1-0", "r1-1"]);
  expect(world.served).toEqual(["r1"]);
});

test("a keeper that was overtaken ends nothing", async () => {
  const world = new World();
  await world.deploy("r1");
  await world.deploy("r2");
  const late = rolloutOf({ from: null, to: id("r2"), desired: 2, strategy: warm, epoch: 2 });
  await world.host.fence({ ...late.token, epoch: 3 });
  await expect(world.target.endIdle?.(late, null)).rejects.toMatchObject({ code: "fenced" });
  expect(await world.alive()).toHaveLength(4);
});

/** What may happen to an environment, one after the other. */
const event = fc.oneof(
  fc.record({ do: fc.constant("deploy" as const), rolling: fc.boolean(), fails: fc.boolean() }),
  fc.record({ do: fc.constant("rollback" as const) }),
  fc.record({ do: fc.constant("keep" as const), warmIsOver: fc.boolean() }),
  fc.record({ do: fc.constant("kill" as const), which: fc.nat(5) }),
);

test("through any history with crashes traffic never stops, and nothing but two releases runs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), fc.nat(1e6), async (history, seed) => {
      const chance = chanceFrom(seed);
      let crashes = false;
      const world = new World(() => crashes && chance() < 0.08);
      await world.deploy("r0");
      crashes = true;
      const standing = ["r0"];
      let from: string | null = null;
      for (const [index, happens] of history.entries()) {
        const now = standing.at(-1) ?? "";
        if (happens.do === "deploy") {
          const next = world.rollout(`r${index + 1}`, happens.rolling ? rolling : warm);
          await world.move(next, happens.fails ? "abort" : "advance");
          if (!happens.fails) standing.push(next.to);
          from = happens.fails ? from : now;
        } else if (happens.do === "rollback" && standing.length > 1) {
          standing.pop();
          await world.deploy(standing.at(-1) ?? "", atOnce(warm));
          from = now;
        } else if (happens.do === "keep") {
          await world.keep();
          await world.endIdle(happens.warmIsOver || from === null ? null : id(from));
          world.host.tick();
        } else if (happens.do === "kill") {
          // Not the last one: nobody can keep traffic without anybody to answer it.
          const serving = world.onTheTable;
          const names = (await world.alive()).filter((name) => !serving.includes(name));
          const name = names[happens.which % Math.max(1, names.length)];
          if (name !== undefined) world.host.kill(name);
        }
        const others = new Set((await world.alive()).map((name) => name.split("-")[0]));
        others.delete(standing.at(-1));
        expect(others.size).toBeLessThanOrEqual(1);
        expect(world.served).toEqual([standing.at(-1)]);
      }
      expect(world.outages).toEqual([]);
    }),
    { numRuns: Number(process.env["FAIRWAY_HISTORIES"] ?? 150) },
  );
});
