import type { StrategyOptions } from "@fairway/core";
import { stagesOf } from "./vercel-moves.ts";

/** What moves all traffic at once does so as blue/green without a bake; on Vercel no replica is started or ended. */
export function shiftOf(strategy: StrategyOptions): StrategyOptions {
  switch (strategy.name) {
    case "rolling":
    case "recreate":
      return { name: "blue-green", bake: 0 };
    case "blue-green":
      return { name: "blue-green", bake: strategy.bake };
    case "canary":
    case "linear":
      return stagesOf(strategy).length === 0 ? { name: "blue-green", bake: strategy.bake } : withoutBreaker(strategy);
  }
}

/** There is no replica that could fail. */
function withoutBreaker<Options extends StrategyOptions>(strategy: Options): Options {
  const { breakerThreshold: _threshold, breakerPercent: _percent, ...rest } = strategy;
  return rest as Options;
}
