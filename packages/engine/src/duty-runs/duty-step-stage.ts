import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Repository } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import { CommandState } from "../commands/command-state.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { Attempt, Outcome, Stage } from "../runs/stage.ts";
import type { CommandParts } from "../stages/step-command.ts";
import { runStepCommand } from "../stages/step-command.ts";
import type { DutyStepInput } from "./duty-run-plan.ts";
import { dutyStages } from "./duty-run-plan.ts";

/** What is kept of a step's output, in bytes, and how long a step that has to end may take to. */
const bounds = { grace: 4_000, limits: { bytesPerLine: 16 * 1024, bytes: 1024 * 1024 } } as const;

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
    const run = async (step: string): Promise<Outcome> => {
      const told = { command, directory: workspace, env, secretsOf, caches: "none", shownAs, bounds } as const;
      const answer = await runStepCommand(parts, attempt, step, told);
      if (!answer.well) return { outcome: "failed", reason: answer.reason };
      const log = await attempt.step(`sum of ${step}`, async () =>
        sumOf(new CommandState(parts.data.step(attempt.id, step)).log),
      );
      return { outcome: "succeeded", result: { log } };
    };
    try {
      return await run("run");
    } catch (thrown) {
      // Its runner or the machine went away under it.
      if (codeOf(thrown) !== "command_failed" || !isRetryable(thrown)) throw thrown;
      if (input.idempotent) return await run("run again");
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

/** What of its output was kept, so that nobody can say later that it said something else. */
async function sumOf(file: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const text = await readFile(file);
  return { sha256: createHash("sha256").update(text).digest("hex"), bytes: text.length };
}
