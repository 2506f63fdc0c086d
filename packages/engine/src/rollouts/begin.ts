import { environmentOf, planDeployment } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import { digestOf } from "../digest.ts";
import type { Begun, DeploymentInput } from "./deployment-run.ts";
import type { ReleaseVerification } from "../provenance/release-verification.ts";
import { refusals } from "../provenance/verify-release.ts";
import type { Deployments } from "./deployments.ts";
import type { PlaceParts } from "./place-of.ts";

/**
 * Looks once more, now that the environment is held, at whether what was planned is still what would happen. Where
 * people approved, any difference voids the approval; elsewhere the deployment goes on from what really runs.
 */
export function beginStage(
  parts: PlaceParts & { readonly deployments: Deployments; readonly verify: ReleaseVerification },
): Stage {
  return {
    name: "begin",
    async run(attempt: Attempt): Promise<Outcome> {
      const { plan, digest } = attempt.input as unknown as DeploymentInput;
      const release = await parts.releaseOf(plan.release);
      const running = await parts.deployments.current(plan.environment);
      const now = planDeployment({
        release,
        running,
        environment: plan.environment,
        reason: plan.reason,
        verifiedIn: await parts.deployments.verifiedIn(release.id),
      });
      if (now.obstacles.length > 0) return { outcome: "failed", reason: now.obstacles.join("\n") };
      const approved = environmentOf(release.project, plan.environment)?.approvals ?? 0;
      if (approved > 0 && plan.approvals > 0 && digestOf(now) !== digest)
        return {
          outcome: "failed",
          reason: `what was approved would not happen any more: ${plan.environment} runs ${now.from ?? "nothing"} now, not ${plan.from ?? "nothing"}; ask for the approval again`,
        };
      attempt.progress("verifying the artifacts");
      const services = now.rollouts.map(({ service }) => service);
      const wrong = refusals(release, await parts.verify(release, services));
      if (wrong.length > 0) return { outcome: "failed", reason: wrong.join("\n") };
      await attempt.step("record", async () => {
        await parts.deployments.begin(attempt.run, now, digest, running?.id ?? null);
        return null;
      });
      return { outcome: "succeeded", result: { from: running?.id ?? null } satisfies Begun };
    },
  };
}
