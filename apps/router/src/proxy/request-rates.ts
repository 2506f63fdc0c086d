import type { RequestRate, RoutingTable } from "@fairway/core";

interface Bucket {
  tokens: number;
  at: number;
}

const rounding = 1e-6;

/** Enough for a day's visitors of a busy site, and 10 MB at most. Beyond it the least recent are forgotten. */
const mostBuckets = 50_000;

/**
 * Holds each client of a route to its rate, by token buckets: one fills at the rate up to the burst, and a request takes
 * one token. A client that kept away long enough to have a full bucket is as good as one that never came.
 */
export class RequestRates {
  /** In the order of last use. */
  private readonly buckets = new Map<string, Bucket>();

  /** How many milliseconds the client has to wait for its next request; 0 when this one is taken. */
  take(route: string, { perSecond, burst }: RequestRate, address: string, now: number): number {
    const key = `${route} ${clientOf(address)}`;
    const bucket = this.buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1000);
    bucket.at = now;
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > mostBuckets) this.forgetOldest();
    // Fractions do not add up exactly, and whoever waited as told is not to be told to wait once more.
    if (bucket.tokens < 1 - rounding) return Math.ceil(((1 - bucket.tokens) * 1000) / perSecond - rounding);
    bucket.tokens--;
    return 0;
  }

  /** Forgets the clients of routes that are gone, and of those that have no rate any more. */
  keepOnly({ routes }: RoutingTable): void {
    for (const key of [...this.buckets.keys()]) {
      const route = key.slice(0, key.lastIndexOf(" "));
      if (!Object.hasOwn(routes, route) || routes[route]?.limits?.requestRate === undefined) this.buckets.delete(key);
    }
  }

  private forgetOldest(): void {
    for (const key of this.buckets.keys()) return void this.buckets.delete(key);
  }
}

/** Whose rate an address counts for: itself, or for IPv6 its network of 64 bits, all of which one client may own. */
export function clientOf(address: string): string {
  if (!address.includes(":")) return address;
  const [before = "", after] = address.split("%", 1)[0]?.split("::") ?? [];
  const left = before === "" ? [] : before.split(":");
  const right = after === undefined || after === "" ? [] : after.split(":");
  const middle = after === undefined ? [] : new Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return `${[...left, ...middle, ...right].slice(0, 4).join(":")}::/64`;
}
