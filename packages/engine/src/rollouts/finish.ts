import { rm } from "node:fs/promises";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { DeploymentInput } from "./deployment-run.ts";
import type { Deployments } from "./deployments.ts";
import type { PlaceParts } from "./place-of.ts";

/** Writes down that the environment runs the release and that it was verified there. */
export function finishStage(parts: PlaceParts & { readonly deployments: Deployments }): Stage {
  return {
    name: "finish",
    async run(attempt: Attempt): Promise<Outcome> {
      const { plan } = attempt.input as unknown as DeploymentInput;
      await attempt.step("record", async () => {
        await parts.deployments.end(attempt.run, "deployed");
        return null;
      });
      await rm(parts.data.workspaces(attempt.run), { recursive: true, force: true });
      return { outcome: "succeeded", result: null, summary: `${plan.environment} runs ${plan.release}` };
    },
  };
}
