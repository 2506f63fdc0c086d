import { access } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@fairway/core";
import type { Stack } from "@fairway/infrastructure";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { KeptPlan } from "../store/infrastructure-plans.ts";
import { heldBy } from "./told-refusal.ts";

/**
 * What is said when nobody knows what of a plan was done: how far the state has come, who holds its lock, and the safe next
 * step. A lock is never broken by Fairway: only a person can know that nobody works behind it.
 */
export async function unknownOutcome(
  attempt: Attempt,
  its: Stack,
  folder: string,
  { id, environment, stack, plan }: Pick<KeptPlan, "id" | "environment" | "stack" | "plan">,
  why: string,
): Promise<Outcome> {
  attempt.progress("looking at what is there");
  const state = await its.basis().then(
    ({ serial }) =>
      serial === plan.basis.serial
        ? "nothing of it is in the state"
        : `the state is at serial ${serial ?? "none"}, before it was ${plan.basis.serial ?? "none"}`,
    (thrown: unknown) => `the state cannot be read: ${messageOf(thrown)}`,
  );
  const holder = await its.lockHolder().catch(() => null);
  const left = join(folder, "errored.tfstate");
  const isLeft = await access(left).then(
    () => true,
    () => false,
  );
  const lock = holder === null ? "nobody holds its lock" : `its lock is held${heldBy(holder)}`;
  return {
    outcome: "errored",
    reason: `nobody knows what of plan ${id} of ${stack} was done: ${why}; ${state}; ${lock}`,
    attention: {
      why: `plan ${id} of ${stack} was interrupted while it was applied to ${environment}; ${state}; ${lock}`,
      action: [
        ...(isLeft ? [`put what the program could not write back: state push ${left}`] : []),
        ...(holder === null
          ? []
          : [
              `make sure that nothing of it runs any more, then, by hand in the stack's folder: force-unlock ${holder.id}`,
            ]),
        `see what is left to do: fairway infrastructure plan ${environment}`,
      ].join("; then "),
    },
  };
}
