import { environmentOf, nothing, scopeOf, warmTimeOf } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { DeploymentInput } from "./deployment-run.ts";
import { rolloutOf } from "./rollout.ts";
import type { VerifyParts } from "./run-verify.ts";
import { runVerify } from "./run-verify.ts";

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
        ? runVerify(parts, attempt, {
            environment,
            release,
            workspace: "verify",
            ...(environment.url ? { url: environment.url } : {}),
            services: Object.fromEntries(
              input.plan.rollouts.map(({ service }) => [service, parts.places.internalUrl(environment.name, service)]),
            ),
          })
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
