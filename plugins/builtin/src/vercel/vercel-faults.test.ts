import { chanceFrom, releaseThat, rolloutOf } from "@fairway/conformance";
import type { CanaryOptions, Progress, ReleaseId, RollingOptions, Target } from "@fairway/core";
import { codeOf, messageOf, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryHostedLedger } from "../../fixtures/hosted-ledger.ts";
import { killed, unreliable } from "../../fixtures/unreliable.ts";
import { VercelDouble } from "../../fixtures/vercel/double.ts";
import { outputs, vercelTargetOn } from "../../fixtures/vercel/world.ts";

// As many schedules as a developer waits for. All of them: FAIRWAY_HOSTED_SCHEDULES=1000.
const schedules = Number(process.env["FAIRWAY_HOSTED_SCHEDULES"] ?? 25);
// One of them again: FAIRWAY_HOSTED_SEED=17.
const only = process.env["FAIRWAY_HOSTED_SEED"];
const seeds = only === undefined ? Array.from({ length: schedules }, (_, index) => index + 1) : [Number(only)];

const rolling: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
const canary: CanaryOptions = { name: "canary", steps: [{ weight: 25, pause: 0 }], bake: 0 };

let bundles: ReturnType<typeof outputs>;
beforeAll(() => {
  bundles = outputs();
});
afterAll(() => bundles.remove());

test(
  `Vercel at its worst: no effect twice and no false green, in ${seeds.length} schedules of faults`,
  async () => {
    const wrong: string[] = [];
    const ends = new Set<string>();
    for (const seed of seeds) {
      const { ended, problem } = await play(seed);
      ends.add(ended);
      if (problem !== null) wrong.push(`seed ${seed}: ${problem}`);
    }
    expect(wrong).toEqual([]);
    expect(seeds.length < 10 || ends.size === 2).toBe(true);
  },
  30_000 + seeds.length * 1_000,
);

/** One rollout from its beginning to its end, and back where it failed; what was wrong with it. */
async function play(seed: number): Promise<{ readonly ended: string; readonly problem: string | null }> {
  const chance = chanceFrom(seed * 7919);
  const double = new VercelDouble();
  const ledger = memoryHostedLedger();
  const { folderOf } = bundles;
  const first = rolloutOf({ from: null, to: "r1" as ReleaseId, desired: 1, strategy: rolling });
  const well = vercelTargetOn(double, { ledger, folderOf });
  await untilItEnds(
    () => well,
    (target) => target.advance(first, plainFacts),
    () => double.tick(),
    () => undefined,
  );
  const before = double.effects.length;
  const to = chance() < 0.25 ? releaseThat("broken") : ("r2" as ReleaseId);
  const strategy = chance() < 0.4 ? canary : rolling;
  const rollout = rolloutOf({ from: first.to, to, desired: 1, strategy, epoch: 2 });
  const overtakenAt = chance() < 0.25 ? Math.floor(chance() * 8) : -1;
  let moment = 0;
  let foreign: string | null = null;
  const pass = (): void => {
    moment += 1;
    double.tick();
    if (moment === overtakenAt) foreign = double.overtake();
  };
  // What lists deployments knows of each as soon as it was made, and an address where it leads.
  const isFresh = (url: string): boolean => url.includes("/v6/deployments");
  const outgoing = unreliable(double.outgoing, chanceFrom(seed), () => moment, isFresh);
  const open = (): Target => vercelTargetOn(double, { ledger, folderOf, outgoing });
  let target = open();
  const move = (verb: (target: Target) => Promise<Progress>): ReturnType<typeof untilItEnds> =>
    untilItEnds(
      () => target,
      verb,
      pass,
      () => void (target = open()),
    );

  const ended = await move((moved) => moved.advance(rollout, plainFacts));
  const made = double.effects.slice(before).filter((effect) => effect.startsWith("deployment "));
  const told = (problem: string | null) => ({ ended: ended.phase, problem });
  if (made.length > 1) return told(`made ${made.length} deployments`);
  const mine = double.deployments.find(({ release }) => release === to)?.id;
  if (ended.phase === "succeeded") {
    // Somebody may overtake in the moment after: what counts is that it led there.
    const led = double.effects.slice(before).includes(`domains ${String(mine)}`);
    return told(
      led && (foreign !== null || double.production() === mine) ? null : "green, and the domains lead elsewhere",
    );
  }
  const back = await move((moved) => moved.abort(rollout));
  for (let time = 0; time < 5; time++) double.tick();
  const wanted = foreign ?? "dpl_1";
  const isRight = double.production() === wanted && (foreign !== null || back.phase === "succeeded");
  return told(
    isRight ? null : `${String(double.production())} runs after the way back, which ${back.phase}; ${wanted} was to`,
  );
}

async function untilItEnds(
  target: () => Target,
  move: (target: Target) => Promise<Progress>,
  pass: () => void,
  kill: () => void,
): Promise<Exclude<Progress, { phase: "moving" }>> {
  for (let look = 0; look < 300; look++) {
    try {
      const progress = await move(target());
      if (progress.phase !== "moving") return progress;
    } catch (thrown) {
      const isOver = messageOf(thrown).includes(killed);
      if (!isOver && codeOf(thrown) !== "target_unreachable") throw thrown;
      if (isOver) {
        kill();
        // Nobody comes back in the same moment.
        pass();
      }
    }
    pass();
  }
  throw new Error("it never ended");
}
