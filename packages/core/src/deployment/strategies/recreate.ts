import type { Strategy } from "../strategy.ts";
import type { BreakerOptions } from "./breaker.ts";
import { breakerProblems, opened } from "./breaker.ts";

/** Ends every old replica before the first new one starts, for what cannot run beside another version of itself. */
export interface RecreateOptions extends BreakerOptions {
  readonly name: "recreate";
}

export const recreate: Strategy<RecreateOptions> = {
  name: "recreate",
  traffic: "by-replicas",

  problems: breakerProblems,

  next(options, { desired, stable, candidate }) {
    const abort = opened(options, desired, candidate);
    if (abort) return abort;
    if (stable.running > 0) return { do: "scale", stable: 0, candidate: candidate.running };
    if (candidate.running !== desired) return { do: "scale", stable: 0, candidate: desired };
    if (candidate.ready < desired) return { do: "hold", until: "the new replicas are ready" };
    return { do: "finish" };
  },
};
