import type { CheckTest } from "@fairway/core";

/** A step of a journey that was not made, because one before it failed. */
export const unmadeStep = (name: string): CheckTest => ({
  name,
  state: "skipped",
  took: 0,
  message: "a step before it failed",
  requestId: null,
  exchange: null,
});
