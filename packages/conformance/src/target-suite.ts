import type { Progress, ReleaseId, RollingOptions, Rollout, RolloutId, Target } from "@fairway/core";
import { codeOf, leastReady, mostRunning, plainFacts, rolling } from "@fairway/core";
import { afterEach, describe, expect, test } from "vitest";
import type { Chance } from "./chance.ts";
import { chanceFrom } from "./chance.ts";
import { isInjectedCrash } from "./crashes.ts";
import type { Census } from "./memory-host.ts";
import { releaseThat } from "./sentinels.ts";

/** A target with a world around it that can be looked at and whose time can be moved. */
export interface TargetWorld {
  readonly target: Target;
  /** Lets time pass: a moment where time is moved by hand, else up to `wait` as the target asked for. */
  pass(wait: number): void | Promise<void>;
  /** What is there now, counted by the world and not by the target. */
  census(): Census | Promise<Census>;
  /** How many replicas of a release failed and are on record; left out where only the platform counts them. */
  failuresOf?(release: ReleaseId): number;
  /** Ends one ready replica from outside, and returns when it has ended; left out where the platform would not let us. */
  killOne?(): void | Promise<void>;
  /** Takes the world down and throws when it leaves something behind. */
  close(): void | Promise<void>;
}

/** What a world is made for. */
export interface TargetSetup {
  /** Told of every single change, so that a bound is seen at each instant. */
  readonly onChange: (census: Census) => void;
  readonly chance: Chance;
  /** Whoever moves the target may crash before and after every effect. */
  readonly crashes: boolean;
}

export type MakeTargetWorld = (setup: TargetSetup) => TargetWorld | Promise<TargetWorld>;

/** What of the suite fits; whatever is left out says why. */
export interface TargetSuiteOptions {
  /** How many rollouts of each size and each pair of bounds; 0 where one takes real seconds. */
  readonly seeds: number;
  readonly skips?: Partial<Record<"fencing" | "late", string>>;
  /** How many there are of a release at most, where it is something that is there once. */
  readonly most?: number;
}

const good = "r1" as ReleaseId;
const better = "r2" as ReleaseId;

/** A rollout of one service, with what a test cares about. */
export const rolloutOf = (
  move: Pick<Rollout, "from" | "to" | "desired" | "strategy"> & { readonly epoch?: number },
): Rollout => ({
  id: `${move.from ?? "nothing"}-${move.to}` as RolloutId,
  environment: "test",
  service: "api",
  from: move.from,
  to: move.to,
  desired: move.desired,
  strategy: move.strategy,
  token: { scope: "test/api", epoch: move.epoch ?? 1, holder: "conformance" },
});

/** Moves a rollout until it ends, as the engine would: again after a crash, and again when it is told to look again. */
export async function moveToItsEnd(
  world: TargetWorld,
  rollout: Rollout,
  verb: "advance" | "abort" = "advance",
): Promise<Exclude<Progress, { phase: "moving" }>> {
  for (let looks = 0; looks < 5000; looks++) {
    let wait = 0;
    try {
      const progress =
        verb === "advance" ? await world.target.advance(rollout, plainFacts) : await world.target.abort(rollout);
      if (progress.phase !== "moving") return progress;
      wait = progress.checkAgainIn;
    } catch (thrown) {
      if (!isInjectedCrash(thrown)) throw thrown;
    }
    await world.pass(wait);
  }
  throw new Error(`${rollout.id} never ended`);
}

/** Calls until nobody crashed. */
async function evenAfterCrashes<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await call();
    } catch (thrown) {
      if (!isInjectedCrash(thrown)) throw thrown;
    }
  }
}

/** Every size from 1 to 7 with every pair of bounds that can move at all. */
export function* everyBound(): Generator<{ readonly desired: number; readonly strategy: RollingOptions }> {
  for (let desired = 1; desired <= 7; desired++)
    for (const minimumHealthyPercent of [0, 25, 50, 75, 100])
      for (const maximumPercent of [100, 125, 150, 200]) {
        const strategy: RollingOptions = { name: "rolling", minimumHealthyPercent, maximumPercent };
        if (rolling.problems(strategy, desired).length === 0) yield { desired, strategy };
      }
}

/** What broke the bounds of a rollout at some instant; null when nothing did. */
export async function boundsBrokenBy(
  make: MakeTargetWorld,
  { desired, strategy }: { readonly desired: number; readonly strategy: RollingOptions },
  seed: number,
): Promise<string | null> {
  const least = leastReady(strategy, desired);
  const most = mostRunning(strategy, desired);
  let watching = false;
  let broken: string | null = null;
  const onChange = ({ alive, ready }: Census): void => {
    if (!watching) return;
    if (ready < least) broken ??= `${ready} ready where ${least} must be`;
    if (alive > most) broken ??= `${alive} alive where ${most} may be`;
  };
  const world = await make({ onChange, chance: chanceFrom(seed * 7919 + desired), crashes: seed % 2 === 0 });
  try {
    const first = await moveToItsEnd(world, rolloutOf({ from: null, to: good, desired, strategy }));
    if (first.phase === "failed") return `the first deployment failed: ${first.reason}`;
    watching = true;
    const second = await moveToItsEnd(world, rolloutOf({ from: good, to: better, desired, strategy, epoch: 2 }));
    if (second.phase === "failed") return `the second deployment failed: ${second.reason}`;
    // Every third one also goes wrong and comes back, under the same watch.
    if (seed % 3 === 0) broken ??= await failsAndComesBack(world, desired, strategy);
    const left = await world.census();
    if (left.alive !== desired || left.ready !== desired)
      broken ??= `${left.alive} alive and ${left.ready} ready at the end`;
    return broken;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } finally {
    watching = false;
    await world.close();
  }
}

/** A broken release under a breaker of its own: it must open at its threshold and not before, and all must come back. */
async function failsAndComesBack(
  world: TargetWorld,
  desired: number,
  strategy: RollingOptions,
): Promise<string | null> {
  const to = releaseThat("broken");
  const threshold = 2;
  const bad = rolloutOf({
    from: better,
    to,
    desired,
    strategy: { ...strategy, breakerThreshold: threshold },
    epoch: 3,
  });
  let broken: string | null = null;
  const advance: Target["advance"] = async (rollout, facts) => {
    const failures = world.failuresOf?.(to);
    const progress = await world.target.advance(rollout, facts);
    if (failures !== undefined && (progress.phase === "failed") !== failures >= threshold)
      broken ??= `${progress.phase} after ${failures} failures where ${threshold} open the breaker`;
    return progress;
  };
  const failed = await moveToItsEnd({ ...world, target: { ...world.target, advance } }, bad);
  if (failed.phase !== "failed") return "a broken release went through";
  if ((await moveToItsEnd(world, bad, "abort")).phase !== "succeeded") return "the way back failed";
  const groups = await evenAfterCrashes(() => world.target.observe());
  if (groups.size !== 1 || groups.get(better)?.ready !== desired) return "the old release is not back whole";
  return broken;
}

/** What every Target must do, whoever moves the replicas. */
export function targetSuite(name: string, make: MakeTargetWorld, options: TargetSuiteOptions): void {
  const skips = options.skips ?? {};
  const half: RollingOptions = { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200, breakerThreshold: 3 };
  const two = Math.min(2, options.most ?? 2);
  const three = Math.min(3, options.most ?? 3);
  let open: TargetWorld | null = null;

  const world = async (seed = 3, crashes = false): Promise<TargetWorld> =>
    (open = await make({ onChange: () => undefined, chance: chanceFrom(seed), crashes }));
  const running = async (desired: number): Promise<TargetWorld> => {
    const made = await world();
    const first = rolloutOf({ from: null, to: good, desired, strategy: half });
    expect(await moveToItsEnd(made, first)).toEqual({ phase: "succeeded" });
    return made;
  };
  const readyOf = async (target: Target): Promise<Record<string, number>> =>
    Object.fromEntries([...(await target.observe())].map(([release, group]) => [release, group.ready]));

  describe(`target: ${name}`, () => {
    afterEach(async () => {
      await open?.close();
      open = null;
    });

    test("observes nothing where nothing runs", async () => {
      const { target } = await world();
      expect(await target.observe()).toEqual(new Map());
    });

    test("a first deployment brings up as many as are desired", async () => {
      const made = await running(two);
      expect(await made.census()).toEqual({ alive: two, ready: two });
      expect(await readyOf(made.target)).toEqual({ [good]: two });
    });

    test("the new release takes the place of the old one", async () => {
      const made = await running(two);
      const next = rolloutOf({ from: good, to: better, desired: two, strategy: half, epoch: 2 });
      expect(await moveToItsEnd(made, next)).toEqual({ phase: "succeeded" });
      expect(await readyOf(made.target)).toEqual({ [better]: two });
      expect(await made.census()).toEqual({ alive: two, ready: two });
    });

    test("advancing a finished rollout again changes nothing", async () => {
      const made = await running(two);
      const before = await made.target.observe();
      const again = rolloutOf({ from: null, to: good, desired: two, strategy: half });
      expect(await made.target.advance(again, plainFacts)).toEqual({ phase: "succeeded" });
      expect(await made.target.observe()).toEqual(before);
    });

    test("a broken release fails, and abort brings the old one back whole", async () => {
      const made = await running(three);
      const bad = rolloutOf({ from: good, to: releaseThat("broken"), desired: three, strategy: half, epoch: 2 });
      expect(await moveToItsEnd(made, bad)).toMatchObject({ phase: "failed" });
      expect(await moveToItsEnd(made, bad, "abort")).toEqual({ phase: "succeeded" });
      expect(await readyOf(made.target)).toEqual({ [good]: three });
      expect(await made.census()).toEqual({ alive: three, ready: three });
    });

    test("a rollout that is aborted half way goes back, and again changes nothing", async () => {
      const made = await running(two);
      const next = rolloutOf({ from: good, to: better, desired: two, strategy: half, epoch: 2 });
      await made.target.advance(next, plainFacts);
      await made.pass(0);
      expect(await moveToItsEnd(made, next, "abort")).toEqual({ phase: "succeeded" });
      expect(await readyOf(made.target)).toEqual({ [good]: two });
      expect(await made.target.abort(next)).toEqual({ phase: "succeeded" });
      expect(await readyOf(made.target)).toEqual({ [good]: two });
    });

    test("a first deployment that is broken leaves nothing behind once it is aborted", async () => {
      const made = await world();
      const bad = rolloutOf({ from: null, to: releaseThat("broken"), desired: two, strategy: half });
      expect(await moveToItsEnd(made, bad)).toMatchObject({ phase: "failed" });
      expect(await moveToItsEnd(made, bad, "abort")).toEqual({ phase: "succeeded" });
      expect(await made.target.observe()).toEqual(new Map());
      expect(await made.census()).toEqual({ alive: 0, ready: 0 });
    });

    test("a release that is slow to start gets there", async ({ skip }) => {
      if (skips.late !== undefined) return skip(skips.late);
      const made = await running(1);
      const late = rolloutOf({ from: good, to: releaseThat("late"), desired: 1, strategy: half, epoch: 2 });
      expect(await moveToItsEnd(made, late)).toEqual({ phase: "succeeded" });
      expect(await readyOf(made.target)).toEqual({ late: 1 });
    });

    test("a stale token changes nothing", async ({ skip }) => {
      if (skips.fencing !== undefined) return skip(skips.fencing);
      const made = await running(two);
      await made.target.advance(
        rolloutOf({ from: null, to: good, desired: two, strategy: half, epoch: 5 }),
        plainFacts,
      );
      const before = await made.target.observe();
      const stale = rolloutOf({ from: good, to: better, desired: two, strategy: half, epoch: 4 });
      for (const attempt of [() => made.target.advance(stale, plainFacts), () => made.target.abort(stale)])
        expect(await attempt().catch(codeOf)).toBe("fenced");
      expect(await made.target.observe()).toEqual(before);
    });

    test("what dies while nothing is deployed is replaced, where the target keeps watch itself", async ({ skip }) => {
      const made = await running(two);
      if (!made.killOne || !made.target.keep) return skip("the platform replaces by itself");
      await made.killOne();
      const wanted = rolloutOf({ from: null, to: good, desired: two, strategy: half });
      const restarted: string[] = [];
      await expect
        .poll(
          async () => {
            const upkeep = await made.target.keep?.(wanted);
            restarted.push(...(upkeep?.restarted ?? []));
            await made.pass(0);
            return made.census();
          },
          { timeout: 10_000, interval: 1 },
        )
        .toEqual({ alive: two, ready: two });
      expect(restarted).toHaveLength(1);
    });

    test("never fewer ready nor more alive than the bounds say, at any instant, whoever crashes", async ({ skip }) => {
      if (options.seeds === 0) return skip("a rollout takes real time here");
      const broken: string[] = [];
      for (const bound of everyBound())
        for (let seed = 1; seed <= options.seeds; seed++) {
          const found = await boundsBrokenBy(make, bound, seed);
          if (found !== null) broken.push(`${JSON.stringify(bound)} seed ${seed}: ${found}`);
        }
      expect(broken).toEqual([]);
    }, 120_000);
  });
}
