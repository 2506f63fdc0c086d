import type { Group, Move } from "../strategy.ts";

/** How many new replicas may fail before a rollout is given up. */
export interface BreakerOptions {
  /** Without it ECS's rule: half of the desired replicas, at least 3. */
  readonly breakerThreshold?: number;
}

/**
 * How many failures open the breaker. The default follows ECS: half of the desired count, never below 3 nor above 200
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html).
 */
export const breakerThreshold = (options: BreakerOptions, desired: number): number =>
  options.breakerThreshold ?? Math.min(200, Math.max(3, Math.ceil(desired / 2)));

/** The end of a rollout of which too many new replicas failed; null while it may go on. */
export function opened(options: BreakerOptions, desired: number, candidate: Group): (Move & { do: "abort" }) | null {
  const tolerated = breakerThreshold(options, desired);
  if (candidate.failed < tolerated) return null;
  return { do: "abort", reason: `${candidate.failed} new replicas failed; the breaker opens at ${tolerated}` };
}

/** Why a threshold cannot be one. */
export const breakerProblems = ({ breakerThreshold: threshold }: BreakerOptions): readonly string[] =>
  threshold !== undefined && threshold < 1 ? ["breakerThreshold must be at least 1"] : [];
