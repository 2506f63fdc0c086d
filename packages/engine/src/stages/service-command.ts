import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Argv, Command } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Attempt } from "../runs/stage.ts";
import type { ServiceJobInput } from "./release-run.ts";
import type { CommandAnswer, CommandParts } from "./step-command.ts";
import { runStepCommand } from "./step-command.ts";

/** Whose secrets checks and builds may name; they belong to no environment that serves anybody. */
export const buildSecrets = "build";

/** Runs one command of a service in its folder of the run's checkout. */
export async function runServiceCommand(
  parts: CommandParts,
  attempt: Attempt,
  step: string,
  command: Command,
  { service, revision, untrusted }: ServiceJobInput,
  shownAs?: Argv,
): Promise<CommandAnswer> {
  const workspace = parts.data.workspace(attempt.run, service.name);
  if (!existsSync(workspace))
    throw new FairwayError(
      "not_allowed_now",
      `the checkout of ${service.name} for ${attempt.run} was removed; it is kept for a day`,
      {
        hint: `make the release again: fairway release ${revision.short}`,
      },
    );
  return runStepCommand(parts, attempt, step, {
    command,
    directory: join(workspace, service.path, command.directory),
    env: { GIT_SHA: revision.sha, FAIRWAY_SERVICE: service.name },
    secretsOf: buildSecrets,
    // What others save there, somebody else takes for true.
    ...(untrusted === true ? { caches: "none" as const } : {}),
    shownAs,
  });
}
