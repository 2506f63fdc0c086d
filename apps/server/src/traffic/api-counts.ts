import type { Metric } from "./metric.ts";
import { histogramOf, metric } from "./metric.ts";

/** In seconds; a person notices from 0.1 on. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;

/** Counts what the API was asked since the daemon started. */
export class ApiCounts {
  readonly answers: Map<string, Map<string, number>> = new Map();
  readonly buckets: number[] = [...bounds, Infinity].map(() => 0);
  sum = 0;
  count = 0;

  /** Notes an answer. Streams last as long as their readers, so only their number is noted. */
  note(operation: string, status: number, seconds: number | null): void {
    const code = `${Math.floor(status / 100)}xx`;
    const byCode = this.answers.get(operation) ?? new Map<string, number>();
    this.answers.set(operation, byCode.set(code, (byCode.get(code) ?? 0) + 1));
    if (seconds === null) return;
    this.sum += seconds;
    this.count += 1;
    for (const [at, bound] of [...bounds, Infinity].entries())
      if (seconds <= bound) this.buckets[at] = (this.buckets[at] ?? 0) + 1;
  }
}

export const apiMetrics = (counts: ApiCounts): readonly Metric[] => [
  metric(
    "counter",
    "fairway_api_requests_total",
    "Answers of the API, by operation and the class of their status.",
    [...counts.answers].flatMap(([operation, byCode]) =>
      [...byCode].map(([code, value]) => ({ value, labels: { operation, code } })),
    ),
  ),
  metric(
    "histogram",
    "fairway_api_request_duration_seconds",
    "From the head of a request to the end of its answer, without streams.",
    histogramOf(
      "fairway_api_request_duration_seconds",
      {},
      {
        buckets: counts.buckets.map((count, at) => ({ le: bounds[at] ?? null, count })),
        sum: counts.sum,
        count: counts.count,
      },
    ),
  ),
];
