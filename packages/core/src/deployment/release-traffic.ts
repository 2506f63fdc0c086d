import type { Millis } from "../units.ts";

/** How long answers took, from the whole request head to the head of the answer. */
export interface LatencyHistogram {
  /** Cumulative: `count` answers took at most `le` milliseconds; `le` is null in the last, which counts them all. */
  readonly buckets: readonly { readonly le: Millis | null; readonly count: number }[];
  /** Of all answers together. */
  readonly sum: Millis;
  readonly count: number;
}

/** What one release did for one route. Counts only ever grow while a router runs: subtract two readings. */
export interface ReleaseTraffic {
  /** All requests that were given to the release, answered or not. */
  readonly requests: number;
  /** Answers by their status as the service gave it. */
  readonly statuses: Readonly<Record<"1xx" | "2xx" | "3xx" | "4xx" | "5xx", number>>;
  /** Requests it did not answer, or not to the end: no connection, cut off, too late, not understood. */
  readonly errors: number;
  readonly latency: LatencyHistogram;
}

/** What every release did since the router started, by route and release. A start later than before means a reset. */
export interface RouterTraffic {
  readonly since: string;
  readonly routes: Readonly<Record<string, Readonly<Record<string, ReleaseTraffic>>>>;
}
