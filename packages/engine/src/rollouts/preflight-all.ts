import type { DeploymentPlan, Preflight, Progress, Release } from "@fairway/core";
import { rolloutId } from "@fairway/core";
import { deploymentStacks } from "../infrastructure/deployment-jobs.ts";
import type { Attempt } from "../runs/stage.ts";
import { targetOfService } from "./masked-target.ts";
import type { PlaceParts } from "./place-of.ts";
import { rollUntilDone } from "./roll-until-done.ts";

/**
 * Asks the place of every service what stands in the way, before anything of a deployment is changed: else a service would be
 * refused at its turn, when others have moved already. Changes nothing. Where the release's infrastructure is changed first,
 * that may bring what is missing: then it is told, and the service is asked again at its turn.
 */
export async function preflightAll(
  parts: PlaceParts,
  attempt: Pick<Attempt, "run" | "progress" | "signal">,
  plan: Pick<DeploymentPlan, "environment" | "rollouts" | "release" | "reason" | "only">,
  release: Release,
): Promise<Preflight> {
  const [refusals, warnings]: [string[], string[]] = [[], []];
  for (const { service, to, replicas, strategy } of plan.rollouts) {
    const target = targetOfService(parts, release, plan.environment, service, attempt.signal);
    const id = rolloutId(attempt.run, service);
    const ask = async (): Promise<Progress> => {
      const { environment } = plan;
      const found = await target.preflight?.({ id, environment, service, to, desired: replicas, strategy });
      const named = (sentence: string): string => `${service}: ${sentence}`;
      refusals.push(...(found?.refusals ?? []).map(named));
      warnings.push(...(found?.warnings ?? []).map(named));
      return { phase: "succeeded" };
    };
    attempt.progress(`looking at what stands in the way of ${service}`);
    // A platform that does not answer for a moment is asked again.
    await rollUntilDone(ask, attempt.progress, attempt.signal);
  }
  return isBuiltFirst(plan, release) ? { refusals: [], warnings: [...refusals, ...warnings] } : { refusals, warnings };
}

/** Whether infrastructure is changed before the services of a deployment are, which may bring what they miss. */
export const isBuiltFirst = (
  plan: Pick<DeploymentPlan, "environment" | "reason" | "only">,
  release: Release,
): boolean => plan.reason !== "rollback" && deploymentStacks(plan, release, []).jobs.length > 0;
