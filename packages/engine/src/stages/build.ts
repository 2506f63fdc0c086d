import { join } from "node:path";
import type { Digest } from "@fairway/core";
import { storeArtifact } from "../artifacts/store-artifact.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";
import type { CommandParts } from "./step-command.ts";
import { runServiceCommand } from "./service-command.ts";

/** What a build job leaves for the release. */
export interface Built {
  readonly artifact: Digest;
}

/** Builds a service and keeps what it left under its digest. */
export function buildStage(parts: CommandParts): Stage {
  return {
    name: "build",
    async run(attempt: Attempt): Promise<Outcome> {
      const about = attempt.input as unknown as ServiceJobInput;
      const { service } = about;
      for (const [index, command] of service.build.commands.entries()) {
        const answer = await runServiceCommand(parts, attempt, `build-${index + 1}`, command, about);
        if (!answer.well) return { outcome: "failed", reason: answer.reason };
      }
      attempt.progress("storing the artifact");
      const workspace = parts.data.workspace(attempt.run, service.name);
      const built = await attempt.step("store", async () => {
        const stored = await storeArtifact(join(workspace, service.path, service.build.output), parts.data.artifacts, {
          within: workspace,
        });
        return { artifact: stored.digest } satisfies Built;
      });
      return { outcome: "succeeded", result: built, summary: built.artifact };
    },
  };
}
