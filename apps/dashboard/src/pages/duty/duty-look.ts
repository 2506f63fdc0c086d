import type { DutyShape, DutyTimesShape } from "@fairway/api";
import type { State } from "@fairway/core";

/** The shape of a duty's state; its word is its own. */
export const dutyLook: Readonly<Record<DutyShape["state"], State>> = {
  ok: "succeeded",
  due: "waiting",
  overdue: "errored",
  failing: "failed",
  unknown: "pending",
};

/** States from the worst to the best, as a board is read. */
export const worstFirst: readonly DutyShape["state"][] = ["failing", "overdue", "unknown", "due", "ok"];

/** How a time that a duty was due has ended, as a shape and a word. It is over once nothing can be shown for it. */
export const timeLook = (
  { outcome, due }: Pick<DutyTimesShape, "outcome" | "due">,
  now: number,
): { readonly state: State; readonly words: string } => {
  switch (outcome) {
    case "met":
      return { state: "succeeded", words: "met" };
    case "late":
      return { state: "waiting", words: "late" };
    case "missed":
      return { state: "failed", words: "missed" };
    case null:
      return { state: "pending", words: Date.parse(due) < now ? "not settled yet" : "open" };
  }
};
