import type { EnvironmentShape } from "@fairway/api";
import type { State } from "@fairway/core";

/** How the health of an environment looks: the shapes of states, with words of its own. */
export const healthLook: Readonly<
  Record<EnvironmentShape["health"]["state"], { readonly state: State; readonly words: string }>
> = {
  healthy: { state: "succeeded", words: "Healthy" },
  degraded: { state: "waiting", words: "Degraded" },
  down: { state: "failed", words: "Down" },
  unknown: { state: "errored", words: "Unknown" },
  empty: { state: "pending", words: "Empty" },
};
