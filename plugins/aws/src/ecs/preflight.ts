import type { EcsPlacement, Preflight, Rollout } from "@fairway/core";
import { leastReady, mostRunning } from "@fairway/core";
import type { EcsLook } from "./ecs-look.ts";
import type { GroupProblems } from "../code-deploy/group-problems.ts";
import { primaryOf, shortOf } from "./ecs-verdict.ts";

/** What is known before a rollout begins. */
export interface PreflightFacts {
  readonly look: EcsLook;
  readonly placement: Pick<EcsPlacement, "alarms" | "service" | "codeDeploy">;
  readonly rollout: Pick<Rollout, "strategy" | "desired">;
  /** What of the deployment group of CodeDeploy stands in the way. */
  readonly group: GroupProblems;
  /** Alarms of the placement that fire already, and those that are not there. */
  readonly alarms: { readonly firing: readonly string[]; readonly missing: readonly string[] };
  /** Whether the new image is in its registry; null where nobody could tell. */
  readonly imageThere: boolean | null;
  /** The same of the image that runs now. */
  readonly oldImageThere: boolean | null;
  readonly previousStatus: string;
}

/** Of a release that nothing can start any more. */
export const imageGone = "the image of the release is not in its registry any more; build the release again";

/** Refuses what AWS would refuse or could never finish, before anything is changed. Pure. */
export function preflight(facts: PreflightFacts): Preflight {
  const { look, placement, rollout, alarms } = facts;
  const { strategy, desired } = rollout;
  const name = placement.service;
  const refusals: string[] = [];
  const forNow: string[] = [...facts.group.forNow];
  const warnings: string[] = [];

  const byCodeDeploy = placement.codeDeploy !== null;
  if (look.controller === "CODE_DEPLOY" && !byCodeDeploy)
    refusals.push(
      `${name} is deployed by CodeDeploy, and ECS refuses UpdateService with another task definition there; name its deployment group (codeDeploy), or give the service ECS's own deployment controller, which shifts traffic too`,
    );
  if (look.controller !== "CODE_DEPLOY" && byCodeDeploy)
    refusals.push(`${name} is deployed by ECS itself, and not by CodeDeploy; take \`codeDeploy\` out`);
  refusals.push(...facts.group.lasting);
  if (look.controller === "EXTERNAL")
    refusals.push(`${name} has the deployment controller EXTERNAL, whose task sets somebody else keeps`);

  const shifts = !byCodeDeploy && strategy.name !== "rolling" && strategy.name !== "recreate";
  if (shifts && !look.isShiftable)
    refusals.push(
      `${strategy.name} shifts traffic, and the load balancer of ${name} has no alternate target group with a role (advancedConfiguration); add them, or use rolling`,
    );
  if (
    strategy.name !== "rolling" &&
    strategy.name !== "recreate" &&
    (strategy.breakerThreshold !== undefined || strategy.breakerPercent !== undefined)
  )
    refusals.push(
      `ECS has a circuit breaker for rolling deployments only, and ${name} is deployed ${strategy.name}; take the threshold out and name \`alarms\``,
    );
  if (shifts && strategy.name === "canary" && strategy.steps.length !== 1)
    refusals.push(`a canary of ECS has one step, and that of ${name} has ${strategy.steps.length}`);
  if (shifts && strategy.name === "linear" && strategy.step < 3)
    refusals.push(`a linear deployment of ECS takes steps of at least 3 %, and that of ${name} ${strategy.step} %`);

  // Whoever scales the service may want more than the configuration does, and the bounds are of what is wanted.
  const wanted = Math.max(desired, look.desired);
  if (strategy.name === "rolling" && wanted > 0) {
    const [least, most] = [leastReady(strategy, wanted), mostRunning(strategy, wanted)];
    if (least >= wanted && most <= wanted)
      refusals.push(
        `between ${strategy.minimumHealthyPercent} and ${strategy.maximumPercent} percent of ${wanted} ECS can neither start nor stop a task of ${name}; lower minimumHealthyPercent or raise maximumPercent`,
      );
    else if (least < wanted)
      warnings.push(
        `at ${wanted} tasks ECS may go down to ${least} while ${name} is replaced; 100 and 200 never take any away first`,
      );
  }
  if (facts.imageThere === false) refusals.push(imageGone);
  if (facts.oldImageThere === false)
    warnings.push(`the image that ${name} runs is not in its registry any more: ECS cannot bring it back`);
  if (facts.previousStatus !== "ACTIVE")
    warnings.push(`${shortOf(look.taskDefinition)} was deregistered; a way back registers it again`);
  for (const alarm of alarms.firing)
    forNow.push(
      `the alarm ${alarm} fires already, and ECS ignores such one for the whole deployment; wait until it is quiet`,
    );
  for (const alarm of alarms.missing) refusals.push(`there is no alarm ${alarm}`);

  const primary = primaryOf(look);
  if (primary?.state === "IN_PROGRESS" && look.controller === "ECS")
    forNow.push(
      `deployment ${primary.id} of ${shortOf(primary.taskDefinition)} is under way on ${name}, and Fairway did not begin it; wait for it, or stop it`,
    );
  return { refusals: [...refusals, ...forNow], warnings, ...(forNow.length === 0 ? {} : { forNow }) };
}

/**
 * After how many failed tasks ECS's circuit breaker brings the old ones back; null where it has none.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function breakerAt({ strategy, desired }: Pick<Rollout, "strategy" | "desired">): number | null {
  if (strategy.name !== "rolling" && strategy.name !== "recreate") return null;
  const { breakerThreshold: count, breakerPercent: percent = 50 } = strategy;
  return count ?? Math.min(200, Math.max(3, Math.ceil((desired * percent) / 100)));
}
