import type { RequestRate, RoutingTable } from "@fairway/core";

interface Bucket {
  tokens: number;
  at: number;
  /** Let through here since it was last noted. */
  taken: number;
}

/** How many requests were let through, by route and client. */
export type Taken = readonly (readonly [key: string, count: number])[];

const rounding = 1e-6;

/** Enough for a day's visitors of a busy site, and 10 MB at most. Beyond it the least recent are forgotten. */
const mostBuckets = 50_000;

/**
 * Holds each client of a route to its rate, by token buckets: one fills at the rate up to the burst, and a request takes
 * one token. A client that kept away long enough to have a full bucket is as good as one that never came.
 *
 * Of several workers each has buckets of its own and takes out what the others say they let through, a moment later: a
 * client that comes to all of them at once may get the burst from each, and then has to wait for as much longer.
 */
export class RequestRates {
  /** In the order of last use. */
  private readonly buckets = new Map<string, Bucket>();
  private readonly taken = new Map<string, Bucket>();
  private rates = new Map<string, RequestRate>();

  /** How many milliseconds the client has to wait for its next request; 0 when this one is taken. */
  take(route: string, rate: RequestRate, address: string, now: number): number {
    const key = `${route} ${clientOf(address)}`;
    const bucket = this.filled(key, rate, now);
    const { perSecond } = rate;
    // Fractions do not add up exactly, and whoever waited as told is not to be told to wait once more.
    if (bucket.tokens < 1 - rounding) return Math.ceil(((1 - bucket.tokens) * 1000) / perSecond - rounding);
    bucket.tokens--;
    bucket.taken++;
    this.taken.set(key, bucket);
    return 0;
  }

  /** What was let through here since this was last asked. */
  takeNote(): Taken {
    const taken = [...this.taken].map(([key, bucket]) => [key, bucket.taken] as const);
    for (const bucket of this.taken.values()) bucket.taken = 0;
    this.taken.clear();
    return taken;
  }

  /** Counts what another worker has let through. */
  takenElsewhere(taken: Taken, now: number): void {
    for (const [key, count] of taken) {
      const rate = this.rates.get(routeOf(key));
      // By a table that is not in force here yet, or no more.
      if (rate !== undefined) this.filled(key, rate, now).tokens -= count;
    }
  }

  /** Forgets the clients of routes that are gone, and of those that have no rate any more. */
  keepOnly({ routes }: RoutingTable): void {
    this.rates = new Map(
      Object.entries(routes).flatMap(([route, { limits }]) =>
        limits?.requestRate === undefined ? [] : [[route, limits.requestRate]],
      ),
    );
    for (const key of [...this.buckets.keys()]) {
      if (this.rates.has(routeOf(key))) continue;
      this.buckets.delete(key);
      this.taken.delete(key);
    }
  }

  /** The client's bucket as full as it is now. */
  private filled(key: string, { perSecond, burst }: RequestRate, now: number): Bucket {
    const bucket = this.buckets.get(key) ?? { tokens: burst, at: now, taken: 0 };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1000);
    bucket.at = now;
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > mostBuckets) this.forgetOldest();
    return bucket;
  }

  private forgetOldest(): void {
    for (const key of this.buckets.keys()) return void this.buckets.delete(key);
  }
}

const routeOf = (key: string): string => key.slice(0, key.lastIndexOf(" "));

/** Whose rate an address counts for: itself, or for IPv6 its network of 64 bits, all of which one client may own. */
export function clientOf(address: string): string {
  if (!address.includes(":")) return address;
  const [before = "", after] = address.split("%", 1)[0]?.split("::") ?? [];
  const left = before === "" ? [] : before.split(":");
  const right = after === undefined || after === "" ? [] : after.split(":");
  const middle = after === undefined ? [] : new Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return `${[...left, ...middle, ...right].slice(0, 4).join(":")}::/64`;
}
