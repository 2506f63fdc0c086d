import type { Millis, Percent } from "../units.ts";
import type { BlueGreenOptions } from "./strategies/blue-green.ts";
import type { CanaryOptions, LinearOptions } from "./strategies/canary.ts";
import type { RecreateOptions } from "./strategies/recreate.ts";
import type { RollingOptions } from "./strategies/rolling.ts";

/** The options of every strategy there is; `name` tells which. */
export type StrategyOptions = RollingOptions | RecreateOptions | BlueGreenOptions | CanaryOptions | LinearOptions;
export type StrategyName = StrategyOptions["name"];

/** How many replicas of one release there are, as the platform tells it. */
export interface Group {
  /** Alive and not given up: starting or ready. */
  readonly running: number;
  readonly ready: number;
  /** Gave up or were given up during this rollout; they are kept on record, not running, until it ends. */
  readonly failed: number;
  /** Of those, how many were started after the last that proved good; all of them where that cannot be told. */
  readonly failedInARow?: number;
  /** Still at work begun earlier: long jobs that must be left to finish. */
  readonly busy: number;
}

export const nothing: Group = { running: 0, ready: 0, failed: 0, busy: 0 };

/**
 * What the figures of the new release say since its share of traffic last changed. `none`: nobody asked for it;
 * `pending`: it may still become any of the others; `inconclusive` and `no-data` stay so, and a person must decide.
 */
export interface AnalysisFact {
  readonly verdict: "none" | "pending" | "pass" | "fail" | "inconclusive" | "no-data";
  /** With the figures, as a sentence for people; empty for `none`. */
  readonly reason: string;
}

/** What Fairway, not the platform, knows about a rollout. */
export interface Facts {
  readonly candidateChecks: "pending" | "passed" | "failed";
  /** Since the candidate's share of traffic last changed, as far as this process saw it; a crash begins anew at 0. */
  readonly sinceShift: Millis;
  readonly analysis: AnalysisFact;
  /** The shares of traffic at which a person said: go on. */
  readonly approved: readonly Percent[];
}

/** Where nothing is analysed and nobody is asked, just after a change. */
export const plainFacts: Facts = {
  candidateChecks: "passed",
  sinceShift: 0,
  analysis: { verdict: "none", reason: "" },
  approved: [],
};

/** Everything a strategy may look at. */
export interface View {
  readonly desired: number;
  /** All that is not the candidate. */
  readonly stable: Group;
  readonly candidate: Group;
  /** Share of traffic that the candidate gets. */
  readonly weight: Percent;
  readonly facts: Facts;
}

/** What a strategy wants done next. */
export type Move =
  | { readonly do: "scale"; readonly stable: number; readonly candidate: number }
  | { readonly do: "shift"; readonly weight: Percent }
  /** With `wants` it is whoever drives the rollout that must do something first. */
  | { readonly do: "hold"; readonly until: string; readonly wants?: "checks" }
  /** Waits for a person, without a deadline, to say whether to go on from this share of traffic. */
  | { readonly do: "ask"; readonly question: string }
  | { readonly do: "finish" }
  | { readonly do: "abort"; readonly reason: string };

/** Decides how one release takes over from another, and never acts. */
export interface Strategy<Options extends StrategyOptions> {
  readonly name: Options["name"];
  /** Whether traffic follows the ready replicas, or is shifted by the strategy's own moves. */
  readonly traffic: "by-replicas" | "by-weight";
  /** Why these options cannot work at this size, as sentences for people; empty when they can. */
  problems(options: Options, desired: number): readonly string[];
  /** The next move. The same view always gives the same move. */
  next(options: Options, view: View): Move;
}
