import type { ReleaseFigures } from "@fairway/api";

/** What users asked of a service in the last minute, all its releases together. */
export function trafficWords(traffic: readonly ReleaseFigures[] | null): string {
  if (traffic === null) return "";
  const requests = traffic.reduce((total, each) => total + each.requestsPerSecond, 0);
  const errors = traffic.reduce((total, each) => total + each.errors, 0);
  const slowest = Math.max(...traffic.map(({ p99 }) => p99 ?? 0));
  if (requests === 0 && errors === 0) return "no requests";
  return [
    `${requests < 10 ? requests.toFixed(1) : Math.round(requests)} req/s`,
    ...(slowest > 0 ? [`p99 ${Math.round(slowest)} ms`] : []),
    ...(errors > 0 ? [`${errors} ${errors === 1 ? "error" : "errors"}`] : []),
  ].join(" · ");
}
