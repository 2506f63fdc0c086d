import type { LatencyHistogram, ReleaseTraffic } from "@fairway/core";

/** Upper bounds of the latency buckets in milliseconds; the last bucket is open. */
const latencyBounds: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

/** Counts what one release did for one route. Only ever grows, so that two readings can be subtracted. */
export class TrafficCounters {
  requests = 0;
  errors = 0;
  private readonly classes = [0, 0, 0, 0, 0, 0];
  private readonly buckets = new Array<number>(latencyBounds.length + 1).fill(0);
  private sum = 0;
  private count = 0;

  answered(status: number, latency: number): void {
    this.requests++;
    const statusClass = Math.floor(status / 100);
    this.classes[statusClass] = (this.classes[statusClass] ?? 0) + 1;
    let bucket = 0;
    while (bucket < latencyBounds.length && latency > (latencyBounds[bucket] as number)) bucket++;
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    this.sum += latency;
    this.count++;
  }

  /** A request that this release was to answer and did not, or not to the end. */
  failed(answerBegan: boolean): void {
    this.errors++;
    if (!answerBegan) this.requests++;
  }

  add(other: ReleaseTraffic): void {
    this.requests += other.requests;
    this.errors += other.errors;
    for (const [name, count] of Object.entries(other.statuses)) {
      const statusClass = Number(name[0]);
      this.classes[statusClass] = (this.classes[statusClass] ?? 0) + count;
    }
    let before = 0;
    other.latency.buckets.forEach(({ count }, i) => {
      this.buckets[i] = (this.buckets[i] ?? 0) + count - before;
      before = count;
    });
    this.sum += other.latency.sum;
    this.count += other.latency.count;
  }

  read(): ReleaseTraffic {
    const [, informational = 0, successful = 0, redirected = 0, clientErrors = 0, serverErrors = 0] = this.classes;
    return {
      requests: this.requests,
      statuses: {
        "1xx": informational,
        "2xx": successful,
        "3xx": redirected,
        "4xx": clientErrors,
        "5xx": serverErrors,
      },
      errors: this.errors,
      latency: this.histogram(),
    };
  }

  private histogram(): LatencyHistogram {
    let below = 0;
    const buckets = this.buckets.map((count, i) => ({ le: latencyBounds[i] ?? null, count: (below += count) }));
    return { buckets, sum: this.sum, count: this.count };
  }
}

type TrafficByRoute = Readonly<Record<string, Readonly<Record<string, ReleaseTraffic>>>>;

/** All counts of several processes together, by route and release. */
export function sumOfTraffic(parts: readonly TrafficByRoute[]): TrafficByRoute {
  const sums: Record<string, Record<string, TrafficCounters>> = {};
  for (const part of parts) {
    for (const [route, releases] of Object.entries(part)) {
      for (const [release, traffic] of Object.entries(releases)) {
        ((sums[route] ??= {})[release] ??= new TrafficCounters()).add(traffic);
      }
    }
  }
  return Object.fromEntries(
    Object.entries(sums).map(([route, releases]) => [
      route,
      Object.fromEntries(Object.entries(releases).map(([release, counters]) => [release, counters.read()])),
    ]),
  );
}
