import { join } from "node:path";
import { rm } from "node:fs/promises";
import type { Environment, Repository } from "@fairway/core";
import { environmentOf, nothing, scopeOf, warmTimeOf } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { CommandParts } from "../stages/step-command.ts";
import { runStepCommand } from "../stages/step-command.ts";
import type { DeploymentInput } from "./deployment-run.ts";
import type { PlaceParts } from "./place-of.ts";
import { urlVariable } from "./place-of.ts";
import { rolloutOf } from "./rollout.ts";

type VerifyParts = PlaceParts & CommandParts & { readonly repository: Repository };

const passed: Outcome = { outcome: "succeeded", result: null };

/** Asks whether the environment really runs the release: every replica ready, none of another release, checks green. */
export function verifyStage(parts: VerifyParts): Stage {
  return {
    name: "verify",
    async run(attempt: Attempt): Promise<Outcome> {
      const input = attempt.input as unknown as DeploymentInput;
      for (const { service } of input.plan.rollouts) {
        attempt.progress(`looking at ${service}`);
        const problem = await problemOf(parts, attempt, input, service);
        if (problem) return { outcome: "failed", reason: problem };
      }
      const release = await parts.releaseOf(input.plan.release);
      const environment = environmentOf(release.project, input.plan.environment);
      // It has passed them here before; on a way back they could only bring the worse release back.
      if (input.plan.reason === "rollback") return passed;
      return environment && environment.verify.length > 0
        ? runChecks(parts, attempt, input, environment, release.revision.sha)
        : passed;
    },
  };
}

async function problemOf(
  parts: VerifyParts,
  attempt: Attempt,
  input: DeploymentInput,
  service: string,
): Promise<string | null> {
  const { target, rollout } = await rolloutOf(parts, attempt, input, service);
  const groups = await target.observe();
  const scope = scopeOf(input.plan.environment, service);
  const { ready } = groups.get(rollout.to) ?? nothing;
  // What it replaced may be left warm, for the way back.
  const warm = warmTimeOf(rollout.strategy) === undefined ? null : rollout.from;
  const others = [...groups].filter(
    ([release, group]) => release !== rollout.to && release !== warm && group.running > 0,
  );
  if (ready < rollout.desired) return `${scope}: ${ready} of ${rollout.desired} replicas are ready`;
  return others.length > 0 ? `${scope} still runs ${others.map(([release]) => release).join(", ")}` : null;
}

async function runChecks(
  parts: VerifyParts,
  attempt: Attempt,
  { plan }: DeploymentInput,
  environment: Environment,
  sha: string,
): Promise<Outcome> {
  const workspace = parts.data.workspace(attempt.run, "verify");
  await attempt.step("checkout", async () => {
    await rm(workspace, { recursive: true, force: true });
    await parts.repository.checkout(sha, workspace);
    return null;
  });
  const urls = plan.rollouts.map(({ service }) => [
    urlVariable(service),
    parts.places.internalUrl(plan.environment, service),
  ]);
  for (const check of environment.verify) {
    const answer = await runStepCommand(parts, attempt, check.name, {
      command: check,
      directory: join(workspace, check.directory),
      env: {
        ...Object.fromEntries(urls),
        ...environment.variables,
        ...(environment.url ? { FAIRWAY_URL: environment.url } : {}),
        FAIRWAY_ENVIRONMENT: plan.environment,
        FAIRWAY_RELEASE: plan.release,
        GIT_SHA: sha,
      },
      secretsOf: environment.name,
    });
    if (!answer.well) return { outcome: "failed", reason: `${check.name}: ${answer.reason}` };
  }
  return passed;
}
