import { analysisProblems } from "../../analysis/analysis-problems.ts";
import type { Millis } from "../../units.ts";
import type { Move, Strategy, StrategyName, StrategyOptions, View } from "../strategy.ts";
import { blueGreen } from "./blue-green.ts";
import type { CanaryStep } from "./canary.ts";
import { canary, linear, linearSteps } from "./canary.ts";
import { recreate } from "./recreate.ts";
import { rolling } from "./rolling.ts";

type Strategies = { readonly [Name in StrategyName]: Strategy<Extract<StrategyOptions, { readonly name: Name }>> };

const strategies: Strategies = { rolling, recreate, "blue-green": blueGreen, canary, linear };

export const strategyNames: ReadonlySet<StrategyName> = new Set(Object.keys(strategies) as StrategyName[]);

/** The strategy of these options, which it is the only one to be asked with. */
const strategyOf = ({ name }: StrategyOptions): Strategy<StrategyOptions> => strategies[name];

/** Why these options cannot work at this size, as sentences for people; empty when they can. */
export const strategyProblems = (options: StrategyOptions, desired: number): readonly string[] => [
  ...strategyOf(options).problems(options, desired),
  ...("analysis" in options && options.analysis ? analysisProblems(options.analysis) : []),
];

/** What is to be done next. The same view always gives the same move. */
export const nextMove = (options: StrategyOptions, view: View): Move => strategyOf(options).next(options, view);

/** Whether traffic follows the ready replicas, or is shifted by the strategy's own moves. */
export const trafficOf = (options: StrategyOptions): "by-replicas" | "by-weight" => strategyOf(options).traffic;

/** How long a rollout of these options takes at least: its pauses, and the time in which replicas prove themselves. */
export const leastTimeOf = (options: StrategyOptions): Millis => (options.minHealthyTime ?? 0) + pausesOf(options);

function pausesOf(options: StrategyOptions): Millis {
  switch (options.name) {
    case "rolling":
    case "recreate":
      return 0;
    case "blue-green":
      return options.bake;
    case "canary":
      return options.steps.reduce((sum, { pause }) => sum + timeOf(pause), options.bake);
    case "linear":
      return linearSteps(options).reduce((sum, { pause }) => sum + timeOf(pause), options.bake);
  }
}

/** The time that a person takes does not count. */
const timeOf = (pause: CanaryStep["pause"]): Millis => (pause === "approval" ? 0 : pause);
