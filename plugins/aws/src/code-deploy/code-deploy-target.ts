import type { CodeDeployGroup, EcsPlacement, Facts, Progress, Rollout, StrategyName, Target } from "@fairway/core";
import { preflightEcs } from "../ecs/ask-preflight.ts";
import { ecsEvidence } from "../ecs/ecs-evidence.ts";
import type { EcsLook } from "../ecs/ecs-look.ts";
import { ecsService } from "../ecs/ecs-service.ts";
import type { EcsTargetParts } from "../ecs/ecs-target.ts";
import { observeEcs } from "../ecs/observe-ecs.ts";
import { primaryOf, shortOf } from "../ecs/ecs-verdict.ts";
import { prepareRollout } from "../ecs/prepare-rollout.ts";
import { fenceService, takeHold } from "../ecs/take-hold.ts";
import { tidyFamily } from "../ecs/tidy-family.ts";
import { awsErrorName } from "../session/aws-error.ts";
import { beginCodeDeploy, describedAs } from "./begin-code-deploy.ts";
import { codeDeployBack } from "./code-deploy-back.ts";
import type { CodeDeployStatus } from "./code-deploy-status.ts";
import { deploymentStatus, lifecycleWords } from "./code-deploy-status.ts";
import { asks } from "./group-problems.ts";
import { recallCodeDeploy } from "./recall-code-deploy.ts";
import { shiftConfiguration } from "./shift-configuration.ts";

const strategies: ReadonlySet<StrategyName> = new Set(["blue-green", "canary", "linear"]);

/** What a target that CodeDeploy moves is made of. */
export type CodeDeployTargetParts = EcsTargetParts & {
  readonly placement: EcsPlacement & { readonly codeDeploy: CodeDeployGroup };
};

/**
 * A service of ECS that CodeDeploy moves, by its own blue/green. CodeDeploy shifts the traffic; Fairway asks for one
 * deployment, answers for it where CodeDeploy waits, and tells what became of that very deployment.
 */
export function codeDeployTarget(parts: CodeDeployTargetParts): Target {
  const { placement, session, memory, signal } = parts;
  const service = ecsService(placement, session, memory);
  const moving = (message: string): Extract<Progress, { phase: "moving" }> => ({
    phase: "moving",
    message,
    checkAgainIn: placement.poll,
  });

  /** The deployment of this rollout, asked for now if it was not. */
  async function begun(rollout: Rollout, seen: EcsLook): Promise<string | Progress> {
    const look = await recallCodeDeploy(parts, service, rollout, seen);
    if (look.marks.rollout === rollout.id && look.marks.deployment !== null) return look.marks.deployment;
    const prepared = await prepareRollout(parts, service, rollout, look);
    if ("phase" in prepared) return prepared;
    const shift = shiftConfiguration(rollout, placement.codeDeploy);
    if ("problem" in shift) return { phase: "failed", reason: shift.problem };
    if (look.desired < rollout.desired) await service.update({ desiredCount: rollout.desired });
    const id = await beginCodeDeploy(session, placement, look, {
      description: describedAs(rollout, false),
      taskDefinition: prepared.mine,
      configuration: shift.name,
      isBack: false,
    });
    if (id === null) return moving("another deployment of the group is under way; CodeDeploy takes one at a time");
    await service.mark(look, { deployment: id });
    return id;
  }

  /** Where CodeDeploy waits for a person or for checks, just before the new tasks get traffic. */
  async function atReady(rollout: Rollout, id: string, facts: Facts): Promise<Progress> {
    const client = await session.codeDeploy();
    const still = { ...moving("CodeDeploy waits before the new tasks get traffic"), weight: 0 };
    if (facts.candidateChecks === "pending") return { ...still, wants: "checks" };
    if (facts.candidateChecks === "failed") {
      await client.stopDeployment({ deploymentId: id, autoRollbackEnabled: true });
      return moving("the checks failed; CodeDeploy goes back");
    }
    const isCanary = rollout.strategy.name === "canary" && asks(rollout);
    if (isCanary && !facts.approved.includes(0))
      return { ...still, asks: `go on with ${rollout.to} from 0 % of the traffic?` };
    try {
      await client.continueDeployment({ deploymentId: id, deploymentWaitType: "READY_WAIT" });
    } catch (thrown) {
      if (awsErrorName(thrown) !== "DeploymentIsNotInReadyStateException") throw thrown;
    }
    return moving("CodeDeploy goes on: the new tasks get traffic");
  }

  async function ended(status: CodeDeployStatus): Promise<Progress> {
    const look = await service.look();
    if (typeof look === "string") return { phase: "failed", reason: look };
    const { marks } = look;
    const primary = primaryOf(look);
    if (status.state !== "succeeded") {
      const { error } = status;
      const why = error === null ? `deployment ${status.id} ${status.word}` : `${error.code}: ${error.message}`;
      const back = status.wayBack === null ? "" : `; CodeDeploy goes back by ${status.wayBack}`;
      const evidence = await ecsEvidence(session, placement, look, service);
      const lines = [...(await lifecycleWords(await session.codeDeploy(), status.id)), ...evidence.lines];
      return {
        phase: "failed",
        reason: [`CodeDeploy: ${why}${back}`, ...lines].join("\n"),
        ...(evidence.noneRan ? { ending: "stalled" } : {}),
      };
    }
    if (primary === undefined) return moving("ECS lists no tasks yet");
    if (primary.taskDefinition === marks.taskDefinition) {
      const left = look.deployments.some(({ id, running, pending }) => id !== primary.id && running + pending > 0);
      if (left || primary.running < look.desired)
        return moving(`CodeDeploy has succeeded; ${primary.running} of ${look.desired} new tasks run`);
      await tidyFamily(service, look);
      return { phase: "succeeded" };
    }
    if (primary.taskDefinition === marks.previous) return moving("ECS does not show the new tasks yet");
    return {
      phase: "failed",
      ending: "superseded",
      reason: `superseded: ${shortOf(primary.taskDefinition)} has the traffic of ${placement.service}, which this rollout did not begin`,
    };
  }

  return {
    kind: "ecs",
    strategies,
    observe: () => observeEcs(service),

    preflight: (rollout) => preflightEcs(parts, service, rollout),

    fence: (token) => fenceService(service, placement, token, signal),

    async advance(rollout, facts) {
      // One call each look while CodeDeploy moves; whoever is to act is looked at again before.
      const known = memory.shifts.get(rollout.id);
      if (known !== undefined) {
        const status = await deploymentStatus(await session.codeDeploy(), known);
        if (status.state === "under way") return moving(wordsOf(status));
      }
      const look = await takeHold(service, placement, rollout.token, signal);
      if (typeof look === "string") return { phase: "failed", reason: look };
      const id = await begun(rollout, look);
      if (typeof id !== "string") return id;
      memory.shifts.set(rollout.id, id);
      const status = await deploymentStatus(await session.codeDeploy(), id);
      switch (status.state) {
        case "under way":
          return moving(wordsOf(status));
        case "ready":
          return atReady(rollout, id, facts);
        case "succeeded":
        case "failed":
        case "stopped":
          return ended(status);
      }
    },

    async abort(rollout) {
      const look = await takeHold(service, placement, rollout.token, signal);
      if (typeof look === "string")
        return rollout.from === null ? { phase: "succeeded" } : { phase: "failed", reason: look };
      const back = await codeDeployBack(parts, service, rollout, look);
      return "message" in back ? moving(back.message) : back;
    },
  };
}

const wordsOf = ({ id, word, keepsOld }: CodeDeployStatus): string =>
  keepsOld
    ? `CodeDeploy ${id}: all traffic is at the new tasks, the old ones are kept for a while`
    : `CodeDeploy ${id}: ${word}`;
