import type { DeploymentConfiguration } from "@aws-sdk/client-ecs";
import type { BreakerOptions, EcsPlacement, Rollout } from "@fairway/core";

/** ECS's own words for the strategy of a rollout, breaker and alarms included. */
export function deploymentConfiguration(
  { strategy }: Pick<Rollout, "strategy">,
  { alarms }: Pick<EcsPlacement, "alarms">,
): DeploymentConfiguration {
  const watched = alarms.length === 0 ? {} : { alarms: { alarmNames: [...alarms], enable: true, rollback: true } };
  switch (strategy.name) {
    case "rolling":
      return {
        strategy: "ROLLING",
        minimumHealthyPercent: strategy.minimumHealthyPercent,
        maximumPercent: strategy.maximumPercent,
        deploymentCircuitBreaker: { enable: true, rollback: true, ...thresholdOf(strategy) },
        ...watched,
      };
    case "recreate":
      return {
        strategy: "ROLLING",
        minimumHealthyPercent: 0,
        maximumPercent: 100,
        deploymentCircuitBreaker: { enable: true, rollback: true, ...thresholdOf(strategy) },
        ...watched,
      };
    case "blue-green":
      return { strategy: "BLUE_GREEN", bakeTimeInMinutes: minutes(strategy.bake), ...hooksOf(strategy), ...watched };
    case "canary": {
      const [step] = strategy.steps;
      return {
        strategy: "CANARY",
        bakeTimeInMinutes: minutes(strategy.bake),
        canaryConfiguration: {
          canaryPercent: step?.weight ?? 10,
          canaryBakeTimeInMinutes: typeof step?.pause === "number" ? minutes(step.pause) : 0,
        },
        ...hooksOf(strategy, step?.pause === "approval"),
        ...watched,
      };
    }
    case "linear":
      return {
        strategy: "LINEAR",
        bakeTimeInMinutes: minutes(strategy.bake),
        linearConfiguration: { stepPercent: strategy.step, stepBakeTimeInMinutes: minutes(strategy.every) },
        ...hooksOf(strategy),
        ...watched,
      };
  }
}

/**
 * The same for the way back: at once, and without a hook that nobody would answer. Should it fail, ECS may not roll back
 * from it, for that would bring the worse release.
 */
export function wayBackConfiguration({ strategy }: Pick<Rollout, "strategy">): DeploymentConfiguration {
  if (strategy.name === "rolling" || strategy.name === "recreate") {
    const { deploymentCircuitBreaker: breaker, ...given } = deploymentConfiguration({ strategy }, { alarms: [] });
    return { ...given, deploymentCircuitBreaker: { enable: true, ...breaker, rollback: false }, alarms: quiet };
  }
  return { strategy: "BLUE_GREEN", bakeTimeInMinutes: 0, lifecycleHooks: [], alarms: quiet };
}

const quiet: NonNullable<DeploymentConfiguration["alarms"]> = { alarmNames: [], enable: false, rollback: false };

/**
 * ECS waits at its own hook for the checks of the new tasks or for a person, and goes back by itself when nobody answers in
 * a day: so it does if Fairway is gone.
 */
function hooksOf(
  { verifyFirst }: { readonly verifyFirst?: boolean },
  asks = false,
): Pick<DeploymentConfiguration, "lifecycleHooks"> {
  if (verifyFirst !== true && !asks) return {};
  return {
    lifecycleHooks: [
      {
        targetType: "PAUSE",
        lifecycleStages: ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
        timeoutConfiguration: { timeoutInMinutes: 1440, action: "ROLLBACK" },
      },
    ],
  };
}

function thresholdOf({
  breakerThreshold: count,
  breakerPercent: percent,
  breakerCounts: counts,
}: BreakerOptions): Partial<NonNullable<DeploymentConfiguration["deploymentCircuitBreaker"]>> {
  return {
    ...(count === undefined ? {} : { thresholdConfiguration: { type: "COUNT", value: count } }),
    ...(percent === undefined ? {} : { thresholdConfiguration: { type: "BOUNDED_PERCENT", value: percent } }),
    ...(counts === undefined ? {} : { resetOnHealthyTask: counts === "consecutive" }),
  };
}

/** ECS counts in whole minutes; nobody is given less than was asked for. */
const minutes = (millis: number): number => Math.ceil(millis / 60_000);
