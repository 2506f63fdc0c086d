import type { Millis, Percent } from "../../units.ts";
import type { Move, Strategy, View } from "../strategy.ts";
import { endOfShift, untilChecked } from "./blue-green.ts";
import type { BreakerOptions } from "./breaker.ts";
import { breakerProblems, opened } from "./breaker.ts";
import type { AudienceOptions, ShiftOptions } from "./shift-options.ts";
import { stepGate } from "./step-gate.ts";

/** A share of traffic, and how long it stays so. */
export interface CanaryStep {
  readonly weight: Percent;
  /** `approval`: until a person says that it goes on. */
  readonly pause: Millis | "approval";
  /** Which part of everybody gets a feature flag from then on, by its key. */
  readonly flags?: Readonly<Record<string, Percent>> | undefined;
}

/** Gives the new release a growing share of traffic, step by step. */
export interface CanaryOptions extends BreakerOptions, ShiftOptions, AudienceOptions {
  readonly name: "canary";
  /** Rising, each below 100; all traffic comes after the last. */
  readonly steps: readonly CanaryStep[];
  /** How long the old set stays, without traffic, after the last step. */
  readonly bake: Millis;
}

/** The same share more every so often. */
export interface LinearOptions extends BreakerOptions, ShiftOptions, AudienceOptions {
  readonly name: "linear";
  readonly step: Percent;
  readonly every: Millis;
  readonly bake: Millis;
}

export const defaultCanary: CanaryOptions = {
  name: "canary",
  steps: [
    { weight: 10, pause: 60_000 },
    { weight: 50, pause: 60_000 },
  ],
  bake: 60_000,
};

export const defaultLinear: LinearOptions = { name: "linear", step: 20, every: 60_000, bake: 60_000 };

export const canary: Strategy<CanaryOptions> = {
  name: "canary",
  traffic: "by-weight",

  problems({ steps, ...options }) {
    const found = [...breakerProblems(options)];
    if (steps.length === 0) found.push("a canary needs at least one step");
    if (steps.some(({ weight }) => weight <= 0 || weight >= 100))
      found.push("the weight of a step must be above 0 and below 100; all traffic comes after the last step");
    if (steps.some(({ weight }, index) => index > 0 && weight <= (steps[index - 1]?.weight ?? 0)))
      found.push("each step must have more weight than the one before");
    return found;
  },

  next: (options, view) => nextStep(options, options.steps, view),
};

export const linear: Strategy<LinearOptions> = {
  name: "linear",
  traffic: "by-weight",

  problems({ step, ...options }) {
    const found = [...breakerProblems(options)];
    if (step <= 0 || step > 100) found.push("step must be above 0 and at most 100");
    return found;
  },

  next: (options, view) => nextStep(options, linearSteps(options), view),
};

/** The steps of a linear rollout, as a canary's: with 40 they are 40 and 80. */
export const linearSteps = ({ step, every }: Pick<LinearOptions, "step" | "every">): readonly CanaryStep[] =>
  Array.from({ length: Math.max(0, Math.ceil(100 / step) - 1) }, (_, index) => ({
    weight: step * (index + 1),
    pause: every,
  }));

/** How many candidates carry a share: as many as the same share of the desired replicas, and at least one. */
export const replicasFor = (weight: Percent, desired: number): number =>
  Math.min(desired, Math.max(1, Math.ceil((desired * weight) / 100)));

function nextStep(options: CanaryOptions | LinearOptions, steps: readonly CanaryStep[], view: View): Move {
  const { desired, stable, candidate, weight, facts } = view;
  const abort = opened(options, desired, candidate);
  if (abort) return abort;
  if (facts.candidateChecks === "failed") return { do: "abort", reason: "the checks of the new release failed" };
  if (facts.analysis.verdict === "fail") return { do: "abort", reason: facts.analysis.reason };
  // The share that is to come. Where nothing ran before there is nobody to share with.
  const ahead = stable.running === 0 ? 100 : (steps.find((step) => step.weight > weight)?.weight ?? 100);
  const wanted = weight >= 100 ? desired : replicasFor(ahead, desired);
  const carrying = weight > 0 ? Math.max(candidate.running, replicasFor(weight, desired)) : candidate.running;
  const pause = steps.findLast((step) => step.weight <= weight)?.pause ?? 0;
  const gate = weight > 0 && weight < 100 && candidate.running >= carrying ? stepGate(weight, pause, facts) : null;
  if (gate) return gate;
  if (candidate.running < wanted) return { do: "scale", stable: stable.running, candidate: wanted };
  if (candidate.ready < wanted) return { do: "hold", until: "the new replicas are ready" };
  if (weight >= 100) return endOfShift(options, view);
  if (weight === 0 && facts.candidateChecks === "pending") return untilChecked;
  return { do: "shift", weight: ahead };
}
