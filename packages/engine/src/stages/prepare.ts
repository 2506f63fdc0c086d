import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Repository } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";
import type { CommandParts } from "./step-command.ts";
import { runServiceCommand } from "./service-command.ts";

/** Puts a service's files in place and installs what its checks and build need. */
export function prepareStage(parts: CommandParts & { readonly repository: Repository }): Stage {
  return {
    name: "prepare",
    async run(attempt: Attempt): Promise<Outcome> {
      const about = attempt.input as unknown as ServiceJobInput;
      const workspace = parts.data.workspace(attempt.run, about.service.name);
      attempt.progress(`checking out ${about.revision.short}`);
      await attempt.step("checkout", async () => {
        // What a killed daemon left half done is worth nothing.
        await rm(workspace, { recursive: true, force: true });
        await mkdir(dirname(workspace), { recursive: true });
        await parts.repository.checkout(about.revision.sha, workspace);
        return null;
      });
      for (const [index, command] of about.service.prepare.entries()) {
        const answer = await runServiceCommand(parts, attempt, `prepare-${index + 1}`, command, about);
        if (!answer.well) return { outcome: "failed", reason: answer.reason };
      }
      return { outcome: "succeeded", result: null };
    },
  };
}
