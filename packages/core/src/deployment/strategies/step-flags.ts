import type { Percent } from "../../units.ts";
import type { StrategyOptions } from "../strategy.ts";

/** Which part of everybody a step gives a flag to, by the flag's key. */
export type StepFlags = Readonly<Record<string, Percent>>;

/**
 * What the steps of a canary say about flags once the new release has this share: a later step's word counts. Empty for
 * a strategy without such steps.
 */
export function flagsAt(strategy: StrategyOptions, weight: Percent): StepFlags {
  if (strategy.name !== "canary") return {};
  const begun = strategy.steps.filter((step) => step.weight <= weight);
  return Object.assign({}, ...begun.map(({ flags = {} }) => flags)) as StepFlags;
}
