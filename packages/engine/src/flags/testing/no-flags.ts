import type { PlaceParts } from "../../rollouts/place-of.ts";

/** Parts of a place for tests in which nobody uses feature flags. */
export const noFlags: Pick<PlaceParts, "flagVariables" | "flagSteps"> = {
  flagVariables: async () => ({ env: {}, secrets: [] }),
  flagSteps: { apply: async () => undefined, putBack: async () => undefined },
};
