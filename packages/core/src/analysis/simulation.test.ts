import { chanceFrom } from "@fairway/conformance";
import { describe, expect, test } from "vitest";
import type { AnalysisOptions } from "./analysis-options.ts";
import { defaultAnalysis } from "./analysis-options.ts";
import type { Counts } from "./counts.ts";
import { bothOf, noCounts } from "./counts.ts";
import { addLook, beginEvidence } from "./judge.ts";
import { verdictOf } from "./verdict.ts";

/** `FAIRWAY_LOAD=full` simulates as many as the bars are stated for. */
const many = process.env["FAIRWAY_LOAD"] === "full" ? 1000 : 40;

/** How a release behaves: its chance of an error, and how its answers fall into buckets. */
interface Behaviour {
  readonly errors: number;
  /** By how much each answer is slower. */
  readonly slower?: number;
}

const bounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, null] as const;

/** Answers whose times are log-normal around 12 ms. */
function counts(chance: () => number, mean: number, { errors, slower = 1 }: Behaviour): Counts {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
  const requests = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  const answers = bounds.map(() => 0);
  let bad = 0;
  for (let i = 0; i < requests; i++) {
    if (chance() < errors) bad++;
    const time = 12 * slower * Math.exp(0.8 * normal());
    const at = bounds.findIndex((bound) => bound === null || time <= bound);
    answers[at] = (answers[at] ?? 0) + 1;
  }
  return { requests, errors: bad, answers, bounds };
}

interface Ending {
  readonly verdict: "aborted" | "asked" | "passed";
  /** Seconds since the candidate got traffic. */
  readonly after: number;
}

/** A whole rollout: each step as long as it lasts, and then the bake. */
function rollout(
  seed: number,
  options: AnalysisOptions,
  stable: Behaviour,
  candidate: Behaviour,
  steps: readonly { readonly weight: number; readonly seconds: number }[],
  perSecond: number,
): Ending {
  const chance = chanceFrom(seed);
  let baseline = counts(chance, perSecond * 60, stable);
  let after = 0;
  let asked = false;
  for (const [at, { weight, seconds }] of steps.entries()) {
    let step = beginEvidence(options, weight, baseline, at + 1);
    const every = options.every / 1000;
    for (let since = every; since <= seconds; since += every) {
      after += every;
      const each = perSecond * every;
      step = addLook(options, step, {
        candidate: counts(chance, (each * weight) / 100, candidate),
        stable: weight === 100 ? noCounts : counts(chance, (each * (100 - weight)) / 100, stable),
        queries: {},
      });
      const { verdict } = verdictOf(options, step, since * 1000);
      if (verdict === "fail") return { verdict: "aborted", after };
    }
    asked ||= verdictOf(options, step, options.deadline).verdict !== "pass";
    baseline = bothOf(baseline, step.stable);
  }
  return { verdict: asked ? "asked" : "passed", after };
}

const steps = [
  { weight: 10, seconds: 60 },
  { weight: 50, seconds: 60 },
  { weight: 100, seconds: 60 },
];

/** How many of many rollouts ended so. */
function share(of: (seed: number) => boolean): number {
  let found = 0;
  for (let seed = 1; seed <= many; seed++) if (of(seed)) found++;
  return found / many;
}

describe("whole analyses with all their looks", () => {
  test("a release that is as the old one is aborted in at most 1 of 100", () => {
    for (const errors of [0.001, 0.01, 0.05]) {
      const same = { errors };
      let asked = 0;
      const aborted = share((seed) => {
        const { verdict } = rollout(seed, defaultAnalysis, same, same, steps, 40);
        if (verdict === "asked") asked++;
        return verdict === "aborted";
      });
      if (many === 1000)
        console.log(`A/A at ${100 * errors} % errors: aborted ${100 * aborted} %, asked ${(100 * asked) / many} %`);
      expect(aborted).toBeLessThanOrEqual(many === 1000 ? 0.01 : 0.02);
    }
  });

  test("2 points more of errors at 10 % of 200 requests a second are found within 60 s", () => {
    for (const errors of [0, 0.001, 0.005]) {
      const found = share(
        (seed) =>
          rollout(seed, defaultAnalysis, { errors }, { errors: errors + 0.02 }, steps.slice(0, 1), 200).verdict ===
          "aborted",
      );
      if (many === 1000) console.log(`+2 points at ${100 * errors} % errors: found ${100 * found} %`);
      expect(found).toBeGreaterThanOrEqual(0.95);
    }
  });

  test("answers that take half as long again are found within 60 s", () => {
    const slower = share(
      (seed) =>
        rollout(seed, defaultAnalysis, { errors: 0.001 }, { errors: 0.001, slower: 1.5 }, steps.slice(0, 1), 200)
          .verdict === "aborted",
    );
    if (many === 1000) console.log(`half as slow again: found ${100 * slower} %`);
    expect(slower).toBeGreaterThanOrEqual(0.95);
  });
});
