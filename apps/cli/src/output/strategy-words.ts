import type { StrategyShape } from "@fairway/api";
import { span } from "./times.ts";

/** A strategy in a few words: `rolling 50/200`, `canary 10 50`, `blue-green 5m`. */
export function strategyWords(strategy: StrategyShape): string {
  switch (strategy.name) {
    case "rolling":
      return `rolling ${strategy.minimumHealthyPercent}/${strategy.maximumPercent}`;
    case "recreate":
      return "recreate";
    case "blue-green":
      return `blue-green ${span(strategy.bake)}`;
    case "canary":
      return `canary ${strategy.steps.map(({ weight }) => `${weight}`).join(" ")}`;
    case "linear":
      return `linear ${strategy.step} % ${span(strategy.every)}`;
  }
}
