import type { RouterStatus } from "@fairway/api";
import type { ReleaseTraffic, RouterTraffic } from "@fairway/core";
import type { ControlFigures } from "@fairway/engine";
import type { ApiCounts } from "./api-counts.ts";
import { apiMetrics } from "./api-counts.ts";
import { controlMetrics } from "./control-metrics.ts";
import type { Labels, Metric } from "./metric.ts";
import { histogramOf, metric, withinLimit } from "./metric.ts";
import { processMetrics } from "./process-metrics.ts";

/** What metrics are written from. Null where the router or the database does not answer, or counts nothing. */
export interface MeasuredFacts {
  readonly version: string;
  readonly control: ControlFigures | null;
  readonly api: ApiCounts;
  readonly router: RouterStatus | null;
  readonly traffic: RouterTraffic | null;
}

export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/** The facts in Prometheus' text format. The library is loaded when somebody first asks. */
export async function metricsText(facts: MeasuredFacts): Promise<string> {
  const { AggregatorRegistry } = (await import("prom-client")).default;
  return (await AggregatorRegistry.aggregate([withinLimit(metricsOf(facts))]).metrics()) + (await processMetrics());
}

/** Everything there is to measure. Counters only grow, but for a router that was started anew: `rate()` knows that. */
function metricsOf({ version, control, api, router, traffic }: MeasuredFacts): readonly Metric[] {
  const one = (value: number, labels: Labels = {}): Metric["values"] => [{ value, labels }];
  return [
    metric("gauge", "fairway_info", "The daemon that answers; always 1.", one(1, { version })),
    metric("gauge", "fairway_database_up", "Whether the database answers.", one(control ? 1 : 0)),
    metric("gauge", "fairway_router_up", "Whether the router answers on its control socket.", one(router ? 1 : 0)),
    ...(control === null ? [] : controlMetrics(control)),
    ...apiMetrics(api),
    ...(router === null ? [] : routerMetrics(router, one)),
    ...(traffic === null ? [] : releaseMetrics(traffic)),
  ];
}

function routerMetrics(router: RouterStatus, one: (value: number) => Metric["values"]): readonly Metric[] {
  const { connections, connectionLimit, held, totals, certificates, endpoints, maintenance } = router;
  return [
    metric("gauge", "fairway_router_connections", "Clients that are connected.", one(connections)),
    metric("gauge", "fairway_router_connections_limit", "For how many there is room.", one(connectionLimit)),
    ...(held === null
      ? []
      : [metric("gauge", "fairway_router_held_requests", "Requests that wait for a replica.", one(held))]),
    metric(
      "counter",
      "fairway_router_events_total",
      "What the router did, by what; begins anew with its workers.",
      Object.entries(totals).map(([event, value]) => ({ value, labels: { event } })),
    ),
    metric(
      "gauge",
      "fairway_router_endpoint_well",
      "Whether a replica may get requests.",
      endpoints.map(({ replica, state }) => ({ value: state === "well" ? 1 : 0, labels: { replica } })),
    ),
    metric(
      "gauge",
      "fairway_certificate_expiry_timestamp_seconds",
      "Until when a certificate is valid, in seconds since 1970.",
      certificates.map(({ host, validUntil }) => ({ value: Date.parse(validUntil) / 1000, labels: { host } })),
    ),
    metric(
      "gauge",
      "fairway_maintenance",
      "The services whose users are told to come back later; always 1.",
      maintenance.map(({ route }) => ({ value: 1, labels: placeOf(route) })),
    ),
  ];
}

function releaseMetrics({ routes }: RouterTraffic): readonly Metric[] {
  const releases = Object.entries(routes).flatMap(([route, byRelease]) =>
    Object.entries(byRelease).map(([release, counts]) => [{ ...placeOf(route), release }, counts] as const),
  );
  return [
    metric(
      "counter",
      "fairway_requests_total",
      "Answers of releases, by the class of their status.",
      releases.flatMap(([labels, { statuses }]) =>
        Object.entries(statuses).map(([code, value]) => ({ value, labels: { ...labels, code } })),
      ),
    ),
    metric(
      "counter",
      "fairway_request_errors_total",
      "Requests that a release did not answer, or not to the end.",
      releases.map(([labels, { errors }]) => ({ value: errors, labels })),
    ),
    metric(
      "histogram",
      "fairway_request_duration_seconds",
      "From the whole head of a request to the head of its answer.",
      releases.flatMap(([labels, { latency }]) =>
        histogramOf("fairway_request_duration_seconds", labels, inSeconds(latency)),
      ),
    ),
  ];
}

/** The router counts in milliseconds. */
const inSeconds = ({ buckets, sum, count }: ReleaseTraffic["latency"]): ReleaseTraffic["latency"] => ({
  buckets: buckets.map((bucket) => ({ ...bucket, le: bucket.le === null ? null : bucket.le / 1000 })),
  sum: sum / 1000,
  count,
});

/** `production/web` as labels; a name of an environment has no slash. */
function placeOf(route: string): Labels {
  const at = route.indexOf("/");
  return { environment: route.slice(0, Math.max(0, at)), service: route.slice(at + 1) };
}
