import type { PlanBasis } from "@fairway/core";
import type { Stack } from "@fairway/infrastructure";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { StackJobInput } from "./stack-jobs.ts";
import type { StackInFolder } from "./stack-folder.ts";
import { checkoutStack, stackInFolder } from "./stack-folder.ts";
import type { StackParts } from "./stack-parts.ts";
import { toldRefusal } from "./told-refusal.ts";

/** A stack that can be asked, or why it cannot. */
export type Ready =
  | { readonly ready: true; readonly stack: StackInFolder }
  | { readonly ready: false; readonly outcome: Outcome };

/** Checks the stack out and brings its providers, where that was not done by an earlier job of the run. */
export async function readyStack(parts: StackParts, attempt: Attempt, input: StackJobInput): Promise<Ready> {
  await attempt.step("checkout", async () => {
    await checkoutStack(parts, attempt, input);
    return null;
  });
  const stack = await stackInFolder(parts, attempt, input);
  const refused = await attempt.step("prepare", async () => {
    const prepared = await stack.within("prepare").prepare();
    return prepared.outcome === "ready" ? null : toldRefusal(prepared, input.stack.name, input.stack.folder);
  });
  return refused === null ? { ready: true, stack } : { ready: false, outcome: { outcome: "failed", reason: refused } };
}

/** Which state of the world there is now, for a plan to be bound to. */
export async function basisOf(its: Stack, stack: StackInFolder, input: StackJobInput): Promise<PlanBasis> {
  const [{ workspace, serial, lineage }, tool] = await Promise.all([its.basis(), its.version()]);
  return {
    stack: input.stack.name,
    environment: input.environment,
    commit: input.commit,
    workspace,
    serial,
    lineage,
    variables: stack.variables,
    tool,
  };
}
