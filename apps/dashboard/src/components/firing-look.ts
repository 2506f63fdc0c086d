import type { FiringShape } from "@fairway/api";
import type { State } from "@fairway/core";

/** How what came of a firing looks. One that was declined is no fault. */
export const firingLook: Readonly<Record<FiringShape["state"], State>> = {
  pending: "pending",
  waiting: "waiting",
  started: "succeeded",
  declined: "aborted",
  failed: "failed",
};
