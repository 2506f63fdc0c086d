import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Repository } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { CommandAnswer, CommandParts } from "../stages/step-command.ts";
import { runStepCommand } from "../stages/step-command.ts";
import type { DutyStepInput } from "./duty-run-plan.ts";
import { dutyStages } from "./duty-run-plan.ts";

/**
 * Runs one step of a duty or a playbook in a checkout of its commit. A daemon that comes back finds it again, alive or ended;
 * where nobody can know what became of it a person says how it goes on, but for a step that may be repeated.
 */
export const dutyStepStage = (parts: CommandParts & { readonly repository: Repository }): Stage => ({
  name: dutyStages.step,
  async run(attempt: Attempt): Promise<Outcome> {
    const input = attempt.input as unknown as DutyStepInput;
    const workspace = await checkedOut(parts, attempt, input.sha);
    const { argv, timeout, env, secretsOf, shownAs } = input;
    const command = { argv, directory: ".", timeout, env: {} };
    const run = (step: string): Promise<CommandAnswer> =>
      runStepCommand(parts, attempt, step, { command, directory: workspace, env, secretsOf, caches: "none", shownAs });
    try {
      return outcomeOf(await run("run"));
    } catch (thrown) {
      // Its runner or the machine went away under it.
      if (codeOf(thrown) !== "command_failed" || !isRetryable(thrown)) throw thrown;
      if (input.idempotent) return outcomeOf(await run("run again"));
      const why = `${shownAs.join(" ")} was interrupted, and nobody knows how far it came: ${messageOf(thrown)}`;
      const again = `fairway run retry ${attempt.run}`;
      const action = `look how far it came; then try it again: ${again}; or, where it is done: ${again} --done "how you know"`;
      return { outcome: "errored", reason: why, attention: { why, action, interrupted: attempt.job } };
    }
  },
});

/** The folder with a commit's files, which all steps of a run have in common. */
export async function checkedOut(
  { data, repository }: { readonly data: DataDirectory; readonly repository: Pick<Repository, "checkout"> },
  attempt: Attempt,
  sha: string,
): Promise<string> {
  const workspace = data.workspace(attempt.run, "duty");
  await attempt.step("checkout", async () => {
    if (existsSync(workspace)) return null;
    const half = `${workspace}.half`;
    await rm(half, { recursive: true, force: true });
    await mkdir(dirname(workspace), { recursive: true });
    await repository.checkout(sha, half);
    await rename(half, workspace);
    return null;
  });
  return workspace;
}

const isRetryable = (thrown: unknown): boolean => (thrown as { readonly retryable?: boolean }).retryable === true;

const outcomeOf = (answer: CommandAnswer): Outcome =>
  answer.well ? { outcome: "succeeded", result: null } : { outcome: "failed", reason: answer.reason };
