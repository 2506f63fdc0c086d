import type { Millis } from "../../units.ts";
import type { Move, Strategy, View } from "../strategy.ts";
import type { BreakerOptions } from "./breaker.ts";
import { breakerProblems, opened } from "./breaker.ts";
import type { ShiftOptions } from "./shift-options.ts";
import { stepGate } from "./step-gate.ts";

/** Raises a full second set, moves all traffic to it at once, and keeps the first set until the second is proven. */
export interface BlueGreenOptions extends BreakerOptions, ShiftOptions {
  readonly name: "blue-green";
  /** How long the old set stays, without traffic and ready to take it back, after the switch. */
  readonly bake: Millis;
}

export const defaultBlueGreen: BlueGreenOptions = { name: "blue-green", bake: 60_000 };

export const blueGreen: Strategy<BlueGreenOptions> = {
  name: "blue-green",
  traffic: "by-weight",

  problems: breakerProblems,

  next(options, view) {
    const { desired, stable, candidate, weight, facts } = view;
    const abort = opened(options, desired, candidate);
    if (abort) return abort;
    if (candidate.running !== desired) return { do: "scale", stable: stable.running, candidate: desired };
    if (candidate.ready < desired) return { do: "hold", until: "the new replicas are ready" };
    if (facts.candidateChecks === "failed") return { do: "abort", reason: "the checks of the new release failed" };
    if (weight === 0 && facts.candidateChecks === "pending") return untilChecked;
    if (facts.analysis.verdict === "fail") return { do: "abort", reason: facts.analysis.reason };
    if (weight < 100) return { do: "shift", weight: 100 };
    return endOfShift(options, view);
  },
};

/** Whoever has traffic has passed its checks. */
export const untilChecked: Move = { do: "hold", until: "the checks of the new release pass", wants: "checks" };

/** What is left to do once the candidate has all traffic: the old set bakes, finishes its long work, and goes. */
export function endOfShift(
  { bake, keepWarm }: ShiftOptions & { readonly bake: Millis },
  { desired, stable, facts }: View,
): Move {
  if (stable.running === 0) return { do: "finish" };
  const gate = stepGate(100, bake, facts);
  if (gate) return gate;
  // What it still works on it finishes while it is warm.
  if (keepWarm !== undefined) return { do: "finish" };
  if (stable.busy > 0)
    return { do: "hold", until: `${stable.busy} old ${stable.busy === 1 ? "replica has" : "replicas have"} finished` };
  return { do: "scale", stable: 0, candidate: desired };
}

/**
 * The way back from any strategy that shifts traffic; the old release is the candidate here. Traffic goes to what is
 * ready of it at once, for nothing can be worse than where it is now, and the rest is started meanwhile.
 */
export function comeBack({ desired, stable, candidate, weight }: View): Move {
  if (weight < 100 && candidate.ready > 0) return { do: "shift", weight: 100 };
  if (candidate.running !== desired) return { do: "scale", stable: stable.running, candidate: desired };
  if (candidate.ready < desired) return { do: "hold", until: "the old replicas are ready again" };
  return stable.running === 0 ? { do: "finish" } : { do: "scale", stable: 0, candidate: desired };
}
