import type { AnalysisOptions } from "../../analysis/analysis-options.ts";
import type { Millis } from "../../units.ts";
import type { StrategyOptions } from "../strategy.ts";
import type { Match } from "../traffic-router.ts";

/** What every strategy may be told that shifts traffic from one whole set to another. */
export interface ShiftOptions {
  /**
   * How long the old set stays after the deployment, without traffic, so that a rollback is only a switch. Without it the
   * old set is ended by the deployment; with 0 it is left to the keeper, which ends it at once.
   */
  readonly keepWarm?: Millis;
  /** Where the new release is reached before it has traffic: this host, or `preview.` before each of the route's hosts. */
  readonly preview?: true | string;
  /** The environment's checks must pass against the new replicas before they get any traffic. */
  readonly verifyFirst?: boolean;
  /** How the figures of the new release are judged while it takes over; not at all where it is left out. */
  readonly analysis?: AnalysisOptions;
}

/** Who meets the new release while it has a share of the traffic. */
export interface AudienceOptions {
  /** Whoever was given to one of the releases stays with it, by a cookie of the router's own. */
  readonly sticky?: boolean;
  /** Requests that always go to the new release, whatever its share. */
  readonly match?: Match;
}

/**
 * How a rollback takes a service back: a strategy that shifts traffic raises what is missing of the old set, switches at
 * once, and leaves the other set to the keeper. Steps and bake are for what nobody knows yet.
 */
export function atOnce(strategy: StrategyOptions): StrategyOptions {
  switch (strategy.name) {
    case "rolling":
    case "recreate":
      return strategy;
    case "blue-green":
    case "canary":
    case "linear": {
      const { breakerThreshold, breakerPercent } = strategy;
      return {
        name: "blue-green",
        bake: 0,
        keepWarm: 0,
        ...(breakerThreshold === undefined ? {} : { breakerThreshold }),
        ...(breakerPercent === undefined ? {} : { breakerPercent }),
      };
    }
  }
}

/** How long the old set of this strategy stays after the deployment; undefined when the deployment itself ends it. */
export const warmTimeOf = (strategy: StrategyOptions): Millis | undefined =>
  "keepWarm" in strategy ? strategy.keepWarm : undefined;
