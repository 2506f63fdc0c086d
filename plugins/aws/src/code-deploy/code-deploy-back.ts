import type { CodeDeployGroup, EcsPlacement, Progress, Rollout } from "@fairway/core";
import { activeAgain, neverBegan, somebodyElses } from "../ecs/bring-back.ts";
import type { Back } from "../ecs/bring-back.ts";
import type { EcsLook } from "../ecs/ecs-look.ts";
import type { EcsService } from "../ecs/ecs-service.ts";
import { primaryOf, shortOf } from "../ecs/ecs-verdict.ts";
import { awsErrorName } from "../session/aws-error.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { beginCodeDeploy, describedAs } from "./begin-code-deploy.ts";
import { deploymentStatus } from "./code-deploy-status.ts";
import { recallCodeDeploy } from "./recall-code-deploy.ts";

/** What the way back is gone with. */
export interface CodeDeployBackParts {
  readonly session: AwsSession;
  readonly placement: EcsPlacement & { readonly codeDeploy: CodeDeployGroup };
}

const done: Extract<Progress, { phase: "succeeded" }> = { phase: "succeeded" };

/**
 * Brings back what ran before a rollout of CodeDeploy. What is under way is stopped, by which CodeDeploy goes back itself, and
 * that deployment is followed to its end; afterwards the old task definition is deployed again.
 */
export async function codeDeployBack(
  parts: CodeDeployBackParts,
  service: EcsService,
  rollout: Rollout,
  seen: EcsLook,
): Promise<Back> {
  const { session } = parts;
  const look = await recallCodeDeploy(parts, service, rollout, seen);
  const { marks } = look;
  const back = `${rollout.id}:back`;
  if (marks.rollout !== rollout.id && marks.rollout !== back) return neverBegan(service, rollout, look);
  if (marks.rollout === rollout.id) await service.mark(look, { rollout: back, back: null });
  const client = await session.codeDeploy();
  const followed = marks.rollout === back ? marks.back : null;
  if (followed !== null) return follow(parts, service, look, followed);

  const mine = marks.deployment;
  if (mine !== null) {
    const status = await deploymentStatus(client, mine);
    if (status.state === "under way" || status.state === "ready") {
      try {
        await client.stopDeployment({ deploymentId: mine, autoRollbackEnabled: true });
      } catch (thrown) {
        // It ended in between: the next look says how.
        if (awsErrorName(thrown) !== "DeploymentAlreadyCompletedException") throw thrown;
      }
      return { message: `CodeDeploy was told to stop ${mine} and to go back` };
    }
    if (status.wayBack !== null) {
      await service.mark(look, { back: status.wayBack });
      return { message: `CodeDeploy goes back by ${status.wayBack}` };
    }
  }
  return ask(parts, service, rollout, look);
}

/** The deployment by which CodeDeploy goes back, to its end. */
async function follow(
  { session, placement }: CodeDeployBackParts,
  service: EcsService,
  look: EcsLook,
  id: string,
): Promise<Back> {
  const status = await deploymentStatus(await session.codeDeploy(), id);
  switch (status.state) {
    case "under way":
    case "ready":
      return { message: `CodeDeploy goes back by ${id}: ${status.word}` };
    case "failed":
    case "stopped":
      return {
        phase: "failed",
        reason: `the way back ${id} ${status.word === "Stopped" ? "was stopped" : "failed"} too${status.error === null ? "" : `: ${status.error.code}: ${status.error.message}`}`,
      };
    case "succeeded": {
      const at = standing(look);
      if (at === "moving")
        return { message: `CodeDeploy has gone back by ${id}; ECS ends the tasks of the new release` };
      if (at === "mine") return { message: `CodeDeploy has gone back by ${id}; ECS does not show it yet` };
      if (at === "other") return somebodyElses(placement, primaryOf(look)?.taskDefinition ?? "");
      return (await scaledBack(service, look)) ? done : { message: "ECS is to run as many tasks as before" };
    }
  }
}

/** Asks for the old task definition, where it is not there whole. */
async function ask(
  { session, placement }: CodeDeployBackParts,
  service: EcsService,
  rollout: Rollout,
  look: EcsLook,
): Promise<Back> {
  const { previous } = look.marks;
  if (previous === null) return { phase: "failed", reason: `nobody wrote down what ${placement.service} ran before` };
  const at = standing(look);
  if (at === "back")
    return (await scaledBack(service, look)) ? done : { message: "ECS is to run as many tasks as before" };
  if (at === "other") return somebodyElses(placement, primaryOf(look)?.taskDefinition ?? "");
  const wanted = await activeAgain(service, previous);
  if (wanted !== previous) await service.mark(look, { previous: wanted });
  const begun = await beginCodeDeploy(session, placement, look, {
    description: describedAs(rollout, true),
    taskDefinition: wanted,
    configuration: "CodeDeployDefault.ECSAllAtOnce",
    isBack: true,
  });
  if (begun === null)
    return { message: "another deployment of the group is under way; CodeDeploy takes one at a time" };
  await service.mark(look, { back: begun });
  return { message: `CodeDeploy was asked for ${shortOf(wanted)} again` };
}

/** Which task definition has the traffic, and whether nothing else runs. */
function standing(look: EcsLook): "back" | "moving" | "mine" | "other" {
  const primary = primaryOf(look);
  if (primary === undefined) return "moving";
  const { previous, taskDefinition } = look.marks;
  if (primary.taskDefinition === taskDefinition && taskDefinition !== previous) return "mine";
  if (primary.taskDefinition !== previous) return "other";
  const isAlone = look.deployments.every(({ id, running, pending }) => id === primary.id || running + pending === 0);
  return isAlone && primary.running >= look.desired ? "back" : "moving";
}

/** As many tasks as were wanted before; false when that had to be asked for now. */
async function scaledBack(service: EcsService, look: EcsLook): Promise<boolean> {
  const { desired } = look.marks;
  if (desired === null || desired === look.desired) return true;
  await service.update({ desiredCount: desired });
  return false;
}
