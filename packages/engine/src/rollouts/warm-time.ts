import type { IdleReplica, Millis, Placement, ReleaseId } from "@fairway/core";
import { warmTimeOf } from "@fairway/core";
import type { LeftRelease } from "../store/left-warm.ts";

/**
 * By when, in milliseconds since 1970, the old replicas of a service are to go; null when none are kept. After a rollback
 * none are: what was rolled back from is not to come back by itself, and would cost its memory for nothing.
 */
export function warmUntil(left: LeftRelease | null, { strategy }: Pick<Placement, "strategy">): Millis | null {
  const time = warmTimeOf(strategy);
  return left === null || left.isBad || time === undefined ? null : Date.parse(left.since) + time;
}

/**
 * The release whose idle replicas stay for now; null when all are to go. Those that still do long work are waited for,
 * though no longer than a deployment may take.
 */
export function staysWarm(
  left: LeftRelease | null,
  placement: Pick<Placement, "strategy">,
  { now, patience, idle }: { readonly now: Millis; readonly patience: Millis; readonly idle: readonly IdleReplica[] },
): ReleaseId | null {
  if (left === null) return null;
  const until = warmUntil(left, placement) ?? Date.parse(left.since);
  const works = idle.some(({ release, busy }) => release === left.release && busy > 0);
  return now < until || (works && now < until + patience) ? left.release : null;
}
