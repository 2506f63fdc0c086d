import type { ReleaseTraffic } from "../deployment/release-traffic.ts";
import type { Millis } from "../units.ts";

/** What one release, or several together, did in a while. */
export interface Counts {
  readonly requests: number;
  /** Answered with 5xx, not answered, or not to the end. */
  readonly errors: number;
  /** How many answers fell into each bucket, not cumulative. */
  readonly answers: readonly number[];
  /** The upper bounds of the buckets; null of the last. */
  readonly bounds: readonly (Millis | null)[];
}

export const noCounts: Counts = { requests: 0, errors: 0, answers: [], bounds: [] };

/** What a release did between two readings; all it did where the first has nothing of it. Counts never go down here. */
export function countsBetween(before: ReleaseTraffic | undefined, now: ReleaseTraffic): Counts {
  const grown = (of: (traffic: ReleaseTraffic) => number): number =>
    Math.max(0, of(now) - (before === undefined ? 0 : of(before)));
  const upTo = now.latency.buckets.map(({ count }, at) =>
    Math.max(0, count - (before?.latency.buckets[at]?.count ?? 0)),
  );
  const requests = grown((traffic) => traffic.requests);
  return {
    requests,
    // An answer 500 that was then cut off is counted as both.
    errors: Math.min(
      requests,
      grown(({ errors, statuses }) => errors + statuses["5xx"]),
    ),
    answers: upTo.map((count, at) => Math.max(0, count - (upTo[at - 1] ?? 0))),
    bounds: now.latency.buckets.map(({ le }) => le),
  };
}

/** Both together. */
export function bothOf(a: Counts, b: Counts): Counts {
  if (a.bounds.length === 0) return { ...b, requests: a.requests + b.requests, errors: a.errors + b.errors };
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    answers: a.answers.map((count, at) => count + (b.answers[at] ?? 0)),
    bounds: a.bounds,
  };
}

/**
 * The milliseconds that this part of the answers took at most, as near as the buckets tell: within one they are taken to
 * be spread evenly, as Prometheus does; beyond the last bound it is that bound. Null when there was no answer.
 */
export function quantileOf({ answers, bounds }: Counts, part: number): Millis | null {
  const wanted = part * answers.reduce((sum, count) => sum + count, 0);
  if (wanted <= 0) return null;
  let below = 0;
  for (const [at, inside] of answers.entries()) {
    const upper = bounds[at] ?? null;
    const lower = at === 0 ? 0 : (bounds[at - 1] ?? 0);
    if (below + inside >= wanted) return upper === null ? lower : lower + ((upper - lower) * (wanted - below)) / inside;
    below += inside;
  }
  return bounds.findLast((bound) => bound !== null) ?? null;
}

/** How many answers took longer than a bound of the buckets, among all. */
export function slowerThan({ answers, bounds }: Counts, bound: Millis): { readonly hits: number; readonly of: number } {
  const of = answers.reduce((sum, count) => sum + count, 0);
  const hits = answers.reduce((sum, count, at) => {
    const lower = at === 0 ? 0 : (bounds[at - 1] ?? 0);
    return lower >= bound ? sum + count : sum;
  }, 0);
  return { hits, of };
}

/** The first bound of the buckets that is not below a time; null beyond the last. */
export const boundFrom = ({ bounds }: Counts, time: Millis): Millis | null =>
  bounds.find((bound) => bound !== null && bound >= time) ?? null;
