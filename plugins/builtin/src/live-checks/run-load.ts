import type { CheckTest, LiveReport } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { liveGuard } from "./live-connections.ts";
import type { LiveAsk } from "./live-ask.ts";
import { baseOf, jsonIn, ourHeaders } from "./live-ask.ts";
import type { LoadFigures, LoadLimits } from "./load-problems.ts";
import { loadTests } from "./load-problems.ts";

/** Asks as often as answers come, and holds the answers to limits; beside the release before, where that still runs. */
export async function runLoad({ options, settings }: LiveAsk): Promise<LiveReport> {
  const [service] = options.service ?? [];
  const path = options.path ?? "/";
  const number = (given: string | undefined): number | null => (given === undefined ? null : Number(given));
  const limits: LoadLimits = {
    p95: number(options.p95),
    p99: number(options.p99),
    errors: number(options.errors) ?? 0,
    slower: number(options.slower),
  };
  const shape = {
    connections: number(options.connections) ?? 10,
    duration: number(options.duration) ?? 10_000,
    headers: ourHeaders(settings, "fairway-load"),
  };
  const stableUrl =
    service === undefined
      ? undefined
      : jsonIn<Readonly<Record<string, string>>>(settings.env, "FAIRWAY_STABLE")?.[service];
  const candidateUrl = `${baseOf(settings, service)}${path}`;
  const stable = stableUrl === undefined || limits.slower === null ? null : await measure(`${stableUrl}${path}`, shape);
  const candidate = await measure(candidateUrl, shape);
  // Nothing is known of a release before that did not answer: there was none.
  const beside = stable !== null && stable.errors < 100 ? stable : null;
  const known = jsonIn<Readonly<Record<string, number>>>(settings.env, "FAIRWAY_BASELINE");
  const baseline = beside?.p95 ?? known?.["p95"] ?? null;
  const tests: readonly CheckTest[] = loadTests(candidate, limits, baseline);
  const failed = tests.filter(({ state }) => state === "failed");
  return {
    status: failed.length === 0 ? "passed" : "failed",
    summary:
      failed.length === 0
        ? `${Math.round(candidate.rate)} requests a second, 95 of 100 within ${candidate.p95} ms${baseline === null ? "" : `; the release before within ${baseline} ms`}`
        : failed.map(({ message }) => message).join("; "),
    tests,
    figures: { ...candidate, ...(baseline === null ? {} : { p95Before: baseline }) },
    files: [],
  };
}

interface LoadShape {
  readonly connections: number;
  readonly duration: number;
  readonly headers: Readonly<Record<string, string>>;
}

async function measure(url: string, { connections, duration, headers }: LoadShape): Promise<LoadFigures> {
  const parsed = new URL(url);
  const guard = liveGuard();
  guard.check(parsed);
  await guard.checkHost(parsed.hostname);
  const { default: autocannon } = await import("autocannon");
  const isLocal = parsed.hostname.endsWith(".localhost");
  if (isLocal) parsed.hostname = "127.0.0.1";
  const result = await autocannon({
    url: parsed.href,
    connections,
    duration: Math.max(1, Math.round(duration / 1000)),
    headers: { ...headers, ...(isLocal ? { host: new URL(url).host } : {}) },
    timeout: 10,
  });
  const answered = result["1xx"] + result["2xx"] + result["3xx"] + result["4xx"] + result["5xx"];
  const asked = answered + result.errors;
  if (asked === 0) throw new FairwayError("target_unreachable", `${url} answered nothing at all`);
  return {
    requests: asked,
    rate: Number(result.requests.average.toFixed(1)),
    p50: result.latency.p50,
    // It has no 95th; the next above is never kinder.
    p95: result.latency.p97_5,
    p99: result.latency.p99,
    // A path that is not there is answered fast: what is refused counts as little as what breaks.
    errors: Number((((result["4xx"] + result["5xx"] + result.errors) / asked) * 100).toFixed(3)),
  };
}
