import type { ReleaseFigures } from "@fairway/api";
import type { LatencyHistogram, ReleaseTraffic, RouterTraffic } from "@fairway/core";

/** What the router had counted at a moment; `at` is in milliseconds of a clock that only goes forward. */
export interface Reading {
  readonly at: number;
  readonly traffic: RouterTraffic;
}

/** By route, what each release did that got requests between two readings. */
export type FiguresByRoute = ReadonlyMap<string, readonly ReleaseFigures[]>;

/** Figures of the time between two readings of one router. Of a router that began to count anew, those since then. */
export function figuresBetween(before: Reading, after: Reading): FiguresByRoute {
  const seconds = Math.max(1, (after.at - before.at) / 1000);
  const known = before.traffic.since === after.traffic.since ? before.traffic.routes : {};
  return new Map(
    Object.entries(after.traffic.routes).map(([route, releases]) => [
      route,
      Object.entries(releases).flatMap(([release, now]) => {
        const figures = figuresOf(known[route]?.[release], now, seconds);
        return figures.requests === 0 ? [] : [{ release, ...figures }];
      }),
    ]),
  );
}

function figuresOf(
  before: ReleaseTraffic | undefined,
  now: ReleaseTraffic,
  seconds: number,
): Omit<ReleaseFigures, "release"> {
  const grown = (count: (traffic: ReleaseTraffic) => number): number =>
    Math.max(0, count(now) - (before === undefined ? 0 : count(before)));
  const requests = grown((traffic) => traffic.requests);
  return {
    seconds: Math.round(seconds),
    requests,
    requestsPerSecond: Number((requests / seconds).toPrecision(3)),
    errors: grown(({ errors, statuses }) => errors + statuses["5xx"]),
    p99: quantile(0.99, before?.latency, now.latency),
  };
}

/**
 * The milliseconds that this part of the answers took at most, as near as the buckets tell: within one they are taken to
 * be spread evenly, as Prometheus does; beyond the last bound it is that bound. Null when there was no answer.
 */
export function quantile(part: number, before: LatencyHistogram | undefined, now: LatencyHistogram): number | null {
  const counts = now.buckets.map(({ count }, index) => count - (before?.buckets[index]?.count ?? 0));
  const wanted = part * (counts.at(-1) ?? 0);
  if (wanted <= 0) return null;
  const index = counts.findIndex((count) => count >= wanted);
  const lower = now.buckets[index - 1]?.le ?? 0;
  const upper = now.buckets[index]?.le ?? null;
  if (upper === null) return lower;
  const below = counts[index - 1] ?? 0;
  const inside = (counts[index] ?? 0) - below;
  return Number((lower + ((upper - lower) * (wanted - below)) / inside).toPrecision(3));
}
