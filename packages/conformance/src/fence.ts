import type { FencingToken } from "@fairway/core";
import { FairwayError, isStale } from "@fairway/core";

/** Remembers the highest epoch of each scope, and refuses what is below it. */
export function memoryFence(): (token: FencingToken) => void {
  const seen = new Map<string, number>();
  return (token) => {
    const highest = seen.get(token.scope) ?? token.epoch;
    if (isStale(token, highest))
      throw new FairwayError(
        "fenced",
        `${token.holder} holds epoch ${token.epoch} of ${token.scope}, now at ${highest}`,
      );
    seen.set(token.scope, token.epoch);
  };
}
