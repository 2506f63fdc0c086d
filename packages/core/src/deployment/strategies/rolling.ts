import type { Percent } from "../../units.ts";
import type { Strategy } from "../strategy.ts";
import type { BreakerOptions } from "./breaker.ts";
import { breakerProblems, opened } from "./breaker.ts";

/** Replaces replicas a few at a time, within two bounds and with a breaker. */
export interface RollingOptions extends BreakerOptions {
  readonly name: "rolling";
  /** Share of the desired replicas that must stay ready; rounded up, as ECS rounds it. */
  readonly minimumHealthyPercent: Percent;
  /** Share of the desired replicas that may run at once; rounded down, as ECS rounds it. */
  readonly maximumPercent: Percent;
}

/** The recipe for zero downtime at every size: capacity is added before any is taken away. */
export const defaultRolling: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };

/** The least replicas that must stay ready. */
export const leastReady = (options: Pick<RollingOptions, "minimumHealthyPercent">, desired: number): number =>
  Math.ceil((desired * options.minimumHealthyPercent) / 100);

/** The most replicas that may run at once. */
export const mostRunning = (options: RollingOptions, desired: number): number =>
  Math.floor((desired * options.maximumPercent) / 100);

/** What people should know who let a rolling deployment take capacity away first; null where it never does. */
export function capacityWarning(
  options: Pick<RollingOptions, "minimumHealthyPercent">,
  desired: number,
  what: string,
): string | null {
  const least = leastReady(options, desired);
  return least >= desired
    ? null
    : `${what} may go down to ${least} of ${desired} while it is replaced; 100 and 200 percent never take any away first`;
}

export const rolling: Strategy<RollingOptions> = {
  name: "rolling",
  traffic: "by-replicas",

  problems(options, desired) {
    const found: string[] = [];
    if (options.minimumHealthyPercent > options.maximumPercent)
      found.push("minimumHealthyPercent is above maximumPercent");
    // Above 100 the old replicas could never all go, and below it the new ones could never all come.
    if (options.minimumHealthyPercent < 0 || options.minimumHealthyPercent > 100)
      found.push("minimumHealthyPercent must be between 0 and 100");
    if (options.maximumPercent < 100) found.push("maximumPercent must be at least 100");
    found.push(...breakerProblems(options));
    if (desired > 0 && leastReady(options, desired) >= desired && mostRunning(options, desired) <= desired)
      found.push(
        `at ${desired} ${desired === 1 ? "replica" : "replicas"} these bounds allow neither a start nor a stop; ` +
          "lower minimumHealthyPercent or raise maximumPercent",
      );
    return found;
  },

  next(options, { desired, stable, candidate }) {
    const abort = opened(options, desired, candidate);
    if (abort) return abort;
    if (stable.running === 0 && candidate.running === desired && candidate.ready === desired) return { do: "finish" };

    const room = mostRunning(options, desired) - stable.running - candidate.running;
    const spare = stable.ready + candidate.ready - leastReady(options, desired);

    // A stable replica that is not ready serves nobody, so stopping it costs no readiness.
    const stoppable = Math.min(stable.running, stable.running - stable.ready + Math.max(0, spare));
    const startable = Math.min(desired - candidate.running, Math.max(0, room));
    // Surplus stable replicas go only as new ones need their place, or once all the new ones are ready.
    const stops = candidate.ready >= desired ? stoppable : Math.min(stoppable, desired - candidate.running - startable);

    if (startable === 0 && stops <= 0) return { do: "hold", until: "the new replicas are ready" };
    return { do: "scale", stable: stable.running - Math.max(0, stops), candidate: candidate.running + startable };
  },
};
