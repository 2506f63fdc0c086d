import type { FlagValue } from "./flag-set.ts";

/** A flag as its source has it now. */
export interface FlagStanding {
  /** Whether it is turned on in the environment; what it gives then is in the definition. */
  readonly on: boolean;
  /** As the source writes it, without what changes by itself: times, counters, links. */
  readonly definition: FlagValue;
}

/** The flags of one environment at one time. */
export interface FlagSnapshot {
  readonly flags: Readonly<Record<string, FlagStanding>>;
}

/** Where a team keeps its feature flags: Fairway's own store, Unleash, LaunchDarkly. */
export interface FlagSource {
  /** As people know it: `built-in`, `unleash`, `launchdarkly`. */
  readonly kind: string;
  /**
   * The flags of an environment as they stand now. The same flags give the same snapshot, so that its digest tells
   * whether anything changed. May be repeated. An environment that the source does not know has no flags. Throws
   * `target_unreachable` when the source does not answer, and `bad_request` when it refuses who asks.
   */
  snapshot(environment: string): Promise<FlagSnapshot>;
}

/** How a source elsewhere is reached. */
export interface FlagSourceAccess {
  readonly url: string;
  /** The key that reads an environment's flags; null for an environment that has none, and so no flags. */
  readonly keyOf: (environment: string) => Promise<string | null>;
}
