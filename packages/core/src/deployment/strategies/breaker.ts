import type { Millis, Percent } from "../../units.ts";
import type { Group, Move } from "../strategy.ts";

/** How many new replicas may fail before a rollout is given up, and when one of them counts as good. */
export interface BreakerOptions {
  /** So many, whatever the size. Without it a share of the desired replicas is taken. */
  readonly breakerThreshold?: number;
  /** Of the desired replicas; rounded up, and never below 3 nor above 200. Half when left out. */
  readonly breakerPercent?: Percent;
  /** `consecutive` begins to count anew with each new replica that proves good; `cumulative` when left out. */
  readonly breakerCounts?: "cumulative" | "consecutive";
  /** A new replica counts as ready only once it was healthy this long without a break; at once when left out. */
  readonly minHealthyTime?: Millis;
}

const usualPercent: Percent = 50;

/**
 * How many failures open the breaker. The rule for a share is that of ECS: rounded up, never below 3 nor above 200
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html).
 */
export const breakerThreshold = (options: BreakerOptions, desired: number): number =>
  options.breakerThreshold ??
  Math.min(200, Math.max(3, Math.ceil((desired * (options.breakerPercent ?? usualPercent)) / 100)));

/** The end of a rollout of which too many new replicas failed; null while it may go on. */
export function opened(options: BreakerOptions, desired: number, candidate: Group): (Move & { do: "abort" }) | null {
  const tolerated = breakerThreshold(options, desired);
  const inARow = options.breakerCounts === "consecutive";
  const failed = inARow ? (candidate.failedInARow ?? candidate.failed) : candidate.failed;
  if (failed < tolerated) return null;
  return {
    do: "abort",
    reason: `${failed} new ${failed === 1 ? "replica" : "replicas"} failed${inARow ? " in a row" : ""}; the breaker opens at ${tolerated}`,
  };
}

/** Why a threshold cannot be one. */
export function breakerProblems({ breakerThreshold: threshold, breakerPercent: percent }: BreakerOptions): string[] {
  const found: string[] = [];
  if (threshold !== undefined && threshold < 1) found.push("breakerThreshold must be at least 1");
  if (percent !== undefined && (percent <= 0 || percent > 100))
    found.push("breakerThreshold must be above 0 % and at most 100 %");
  if (threshold !== undefined && percent !== undefined)
    found.push("breakerThreshold must be a number or a share, not both");
  return found;
}
