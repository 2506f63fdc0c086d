import { join } from "node:path";
import { rm } from "node:fs/promises";
import type { Environment, Release, Repository } from "@fairway/core";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { CommandParts } from "../stages/step-command.ts";
import { runStepCommand } from "../stages/step-command.ts";
import type { PlaceParts } from "./place-of.ts";
import { urlVariable } from "./place-of.ts";

/** What the commands that verify an environment need. */
export type VerifyParts = PlaceParts & CommandParts & { readonly repository: Repository };

/** What is to be verified, and where it is reached. */
export interface ToVerify {
  readonly environment: Environment;
  readonly release: Release;
  /** Where its commit is checked out, under the run's own folder. */
  readonly workspace: string;
  /** Before the names of its steps, where the job has others. */
  readonly prefix?: string;
  /** What the commands find as `FAIRWAY_URL`; absent where the environment has none. */
  readonly url?: string;
  /** Where each service is reached, by name. */
  readonly services: Readonly<Record<string, string>>;
}

/** Runs the environment's `verify` commands at the release's commit. The first that ends badly is the answer. */
export async function runVerify(
  parts: VerifyParts,
  attempt: Attempt,
  { environment, release, workspace: folder, prefix = "", url, services }: ToVerify,
): Promise<Outcome> {
  const { sha } = release.revision;
  const workspace = parts.data.workspace(attempt.run, folder);
  await attempt.step(`${prefix}checkout`, async () => {
    await rm(workspace, { recursive: true, force: true });
    await parts.repository.checkout(sha, workspace);
    return null;
  });
  const urls = Object.entries(services).map(([service, address]) => [urlVariable(service), address]);
  for (const check of environment.verify) {
    const answer = await runStepCommand(parts, attempt, `${prefix}${check.name}`, {
      command: check,
      directory: join(workspace, check.directory),
      env: {
        ...Object.fromEntries(urls),
        ...environment.variables,
        ...(url === undefined ? {} : { FAIRWAY_URL: url }),
        FAIRWAY_ENVIRONMENT: environment.name,
        FAIRWAY_RELEASE: release.id,
        GIT_SHA: sha,
      },
      secretsOf: environment.name,
    });
    if (!answer.well) return { outcome: "failed", reason: `${check.name}: ${answer.reason}` };
  }
  return { outcome: "succeeded", result: null };
}
