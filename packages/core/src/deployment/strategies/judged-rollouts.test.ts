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
import { describe, expect, test } from "vitest";
import type { ReleaseId } from "../../ids.ts";
import type { Percent } from "../../units.ts";
import { driven } from "../driven.ts";
import type { Progress, Rollout } from "../rollout.ts";
import { shareOf } from "../routing.ts";
import type { AnalysisFact, Facts, StrategyOptions } from "../strategy.ts";
import { plainFacts } from "../strategy.ts";

const [old, fresh] = ["r1", "r2"] as [ReleaseId, ReleaseId];
const verdicts: readonly AnalysisFact["verdict"][] = ["none", "pending", "pass", "inconclusive", "no-data", "fail"];

/** How many rollouts of each strategy; more with `FAIRWAY_LOAD=full`. */
const many = process.env["FAIRWAY_LOAD"] === "full" ? 1000 : 12;

const strategies: Readonly<Record<string, StrategyOptions>> = {
  "blue-green": { name: "blue-green", bake: 2 },
  canary: {
    name: "canary",
    steps: [
      { weight: 10, pause: "approval" },
      { weight: 40, pause: 2 },
      { weight: 70, pause: "approval" },
    ],
    bake: 2,
  },
  linear: { name: "linear", step: 25, every: 2, bake: 0 },
};

/** What may take the candidate from one share of traffic to the next. */
function mayLeave(strategy: StrategyOptions, weight: Percent, { analysis, approved }: Facts): boolean {
  if (analysis.verdict === "fail") return false;
  if (weight === 0 || approved.includes(weight)) return true;
  const byPerson =
    strategy.name === "canary" && strategy.steps.some((s) => s.weight === weight && s.pause === "approval");
  return !byPerson && (analysis.verdict === "none" || analysis.verdict === "pass");
}

/** A rollout whose figures say anything at any moment, whose people answer sometimes, and that crashes. */
async function wander(seed: number, strategy: StrategyOptions): Promise<readonly string[]> {
  const chance = chanceFrom(seed);
  const wrong: string[] = [];
  let crashes = false;
  const crash = (): boolean => crashes && chance() < 0.05;
  const host = memoryHost({ getsReady: () => chance() < 0.6, tickOnList: true });
  const router = memoryRouter();
  const target = driven({
    host: crashingHost(host, crash),
    router: crashingRouter(router, crash),
    route: { name: "test/api", rules: [], internalPath: "/api", health: { path: "/", interval: 1, timeout: 1 } },
    specOf: async (release, ordinal) => specOf(release, ordinal),
    stop: { drain: 0, grace: 0 },
    lookAgain: 0,
  });
  const to = (from: ReleaseId | null, release: ReleaseId): Rollout =>
    rolloutOf({ from, to: release, desired: 3, strategy, epoch: from === null ? 1 : 2 });
  const until = async (move: () => Promise<Progress>): Promise<Progress> => {
    for (let looks = 0; looks < 5000; looks++)
      try {
        const progress = await move();
        if (progress.phase !== "moving") return progress;
      } catch (thrown) {
        if (!isInjectedCrash(thrown)) throw thrown;
      }
    throw new Error("it never ended");
  };

  await until(() => target.advance(to(null, old), plainFacts));
  crashes = true;
  const approved = new Set<Percent>();
  let since = 0;
  const weightNow = async (): Promise<Percent> => shareOf(await router.read(), "test/api", fresh) ?? 0;
  const ended = await until(async () => {
    const before = await weightNow();
    // Mostly good, so that most rollouts come far.
    const verdict = chance() < 0.8 ? "pass" : (verdicts[Math.floor(chance() * verdicts.length)] ?? "none");
    const sure = verdict === "fail" && chance() < 0.7 ? "pass" : verdict;
    const facts: Facts = {
      ...plainFacts,
      sinceShift: since++,
      analysis: { verdict: sure, reason: `it is ${sure}` },
      approved: [...approved],
    };
    const after = (asked: string | undefined): void => {
      if (asked !== undefined && before === 0) wrong.push(`asked before it had traffic: ${asked}`);
      if (asked !== undefined && chance() < 0.3) approved.add(before);
    };
    try {
      const progress = await target.advance(to(old, fresh), facts);
      after(progress.phase === "moving" ? progress.asks : undefined);
      return progress;
    } finally {
      const now = await weightNow();
      if (now !== before) since = 0;
      if (now < before) wrong.push(`went from ${before} % back to ${now} %`);
      if (now > before && !mayLeave(strategy, before, facts))
        wrong.push(`left ${before} % with ${sure}, approved ${[...approved].join()}`);
    }
  });
  if (ended.phase === "failed") {
    if (ended.reason !== "it is fail") wrong.push(ended.reason);
    const back = await until(() => target.abort(to(old, fresh)));
    if (back.phase !== "succeeded") wrong.push("the way back failed");
  }
  const winner = ended.phase === "succeeded" ? fresh : old;
  const ready = (await host.list()).filter(({ state }) => state === "ready").map(({ release }) => release);
  if (ready.length !== 3 || ready.some((release) => release !== winner)) wrong.push(`left ${ready.join()}`);
  return wrong;
}

describe.each(Object.entries(strategies))("%s", (_name, strategy) => {
  test("goes on only as figures or people say, ends when figures are bad, and leaves one release whole", async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= many; seed++)
      wrong.push(...(await wander(seed, strategy)).map((what) => `seed ${seed}: ${what}`));
    expect(wrong).toEqual([]);
  });
});
