import { messageOf } from "@fairway/core";
import type { Stack } from "@fairway/infrastructure";
import type { Attempt, Outcome } from "../runs/stage.ts";
import type { KeptPlan } from "../store/infrastructure-plans.ts";
import { heldBy } from "./told-refusal.ts";

/** How the state is put back that the program could not write. */
const putBackLeft = (environment: string, left: number): string =>
  `put back what the program knows and could not write: fairway infrastructure state restore ${environment} ${left}`;

/** What is said when the program knows what it did and could not write it where the state is. */
export const unwrittenState = (
  { id, environment, stack }: Pick<KeptPlan, "id" | "environment" | "stack">,
  left: number,
  why: string,
): Outcome => ({
  outcome: "errored",
  reason: `${why}\nwhat plan ${id} of ${stack} did is not in its state: the program could not write it, and left it to state ${left}`,
  attention: {
    why: `plan ${id} of ${stack} was applied to ${environment}, and its state could not be written; it is kept as state ${left}`,
    action: `${putBackLeft(environment, left)}; then see what is left to do: fairway infrastructure plan ${environment}`,
  },
});

/** What is said when the program could write its state nowhere at all: what it did is on no record but the plan's own. */
export const lostState = (
  { id, environment, stack }: Pick<KeptPlan, "id" | "environment" | "stack">,
  why: string,
): Outcome => ({
  outcome: "errored",
  reason: `${why}\nwhat plan ${id} of ${stack} did is in no state: the program could write it nowhere`,
  attention: {
    why: `plan ${id} of ${stack} was applied to ${environment}, at least in part, and its state could be written nowhere`,
    action: `make room; put the state from before back: fairway infrastructure state list ${environment}; then import what the plan made, or remove it by hand: fairway infrastructure show ${id}`,
  },
});

/**
 * What is said when nobody knows what of a plan was done: how far the state has come, who holds its lock, and the safe next
 * step. A lock is never broken by Fairway: only a person can know that nobody works behind it.
 */
export async function unknownOutcome(
  attempt: Attempt,
  its: Stack,
  left: number | null,
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
  const lock = holder === null ? "nobody holds its lock" : `its lock is held${heldBy(holder)}`;
  return {
    outcome: "errored",
    reason: `nobody knows what of plan ${id} of ${stack} was done: ${why}; ${state}; ${lock}`,
    attention: {
      why: `plan ${id} of ${stack} was interrupted while it was applied to ${environment}; ${state}; ${lock}`,
      action: [
        ...(holder === null
          ? []
          : [
              `make sure that nothing of it runs any more, then, by hand in the stack's folder: force-unlock ${holder.id}`,
            ]),
        ...(left === null ? [] : [putBackLeft(environment, left)]),
        `see what is left to do: fairway infrastructure plan ${environment}`,
      ].join("; then "),
    },
  };
}
