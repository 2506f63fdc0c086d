import type { CodeDeployGroup, Millis, Rollout } from "@fairway/core";

const minute: Millis = 60_000;

/**
 * CodeDeploy's own name for how a strategy shifts traffic, or a sentence where it has none: its configurations come with fixed
 * steps, and any other is the team's. https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
 */
export function shiftConfiguration(
  { strategy }: Pick<Rollout, "strategy">,
  { configuration }: Pick<CodeDeployGroup, "configuration">,
): { readonly name: string } | { readonly problem: string } {
  if (strategy.name === "rolling" || strategy.name === "recreate")
    return { problem: `CodeDeploy shifts traffic and knows no ${strategy.name}; use blue-green, canary or linear` };
  if (configuration !== null) return { name: configuration };
  switch (strategy.name) {
    case "blue-green":
      return { name: "CodeDeployDefault.ECSAllAtOnce" };
    case "canary": {
      const [step] = strategy.steps;
      const minutes = step?.pause === 5 * minute ? 5 : step?.pause === 15 * minute ? 15 : null;
      return strategy.steps.length === 1 && step?.weight === 10 && minutes !== null
        ? { name: `CodeDeployDefault.ECSCanary10Percent${minutes}Minutes` }
        : {
            problem:
              "CodeDeploy's own canaries have one step of 10 % that stands 5 or 15 min; write it so, or name a `configuration` of yours",
          };
    }
    case "linear": {
      const minutes = strategy.every === minute ? 1 : strategy.every === 3 * minute ? 3 : null;
      return strategy.step === 10 && minutes !== null
        ? { name: `CodeDeployDefault.ECSLinear10PercentEvery${minutes}Minutes` }
        : {
            problem:
              "CodeDeploy's own linear shifts go by 10 % every 1 or 3 min; write it so, or name a `configuration` of yours",
          };
    }
  }
}
