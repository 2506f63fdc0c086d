import { FairwayError } from "@fairway/core";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";
import type { CommandParts } from "./step-command.ts";
import { runServiceCommand } from "./service-command.ts";

/** Asks one question of a service's source: its exit code is the answer. */
export function checkStage(parts: CommandParts): Stage {
  return {
    name: "check",
    async run(attempt: Attempt): Promise<Outcome> {
      const about = attempt.input as unknown as ServiceJobInput;
      const check = about.service.checks.find((candidate) => candidate.name === about.check);
      if (!check) throw new FairwayError("internal", `${about.service.name} has no check "${about.check}"`);
      const answer = await runServiceCommand(parts, attempt, check.name, check, about);
      return answer.well ? { outcome: "succeeded", result: null } : { outcome: "failed", reason: answer.reason };
    },
  };
}
