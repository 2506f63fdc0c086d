import type { RouterStatus } from "@fairway/api";
import type { RouterTraffic } from "@fairway/core";
import { expect, test } from "vitest";
import type { ControlFigures } from "@fairway/engine";
import { ApiCounts } from "./api-counts.ts";
import { metric, withinLimit } from "./metric.ts";
import type { MeasuredFacts } from "./metrics-text.ts";
import { metricsText } from "./metrics-text.ts";

const nothingDone: MeasuredFacts = {
  version: "1.2.3",
  control: null,
  api: new ApiCounts(),
  router: null,
  traffic: null,
};

const traffic: RouterTraffic = {
  since: "2026-11-22T00:00:00.000Z",
  routes: {
    "production/web": {
      r1: {
        requests: 4,
        statuses: { "1xx": 0, "2xx": 2, "3xx": 0, "4xx": 0, "5xx": 1 },
        errors: 1,
        latency: {
          buckets: [
            { le: 5, count: 2 },
            { le: null, count: 3 },
          ],
          sum: 1500,
          count: 3,
        },
      },
    },
  },
};

const router: RouterStatus = {
  ...{ kind: "local", holder: 1, worker: 2, workers: 1, processes: [], since: traffic.since },
  ...{ public: "127.0.0.1:8080", publicTls: null, internal: "127.0.0.1:7301", tableVersion: 3 },
  ...{ connections: 5, connectionLimit: 100, files: null, accessLogSample: null, held: 0 },
  maintenance: [{ route: "production/web", message: "Back at ten" }],
  totals: { requests: 9, retried: 2 },
  certificates: [
    { host: "shop.example", certificate: "/c", names: ["shop.example"], validUntil: "2027-01-01T00:00:00.000Z" },
  ],
  endpoints: [
    {
      ...{ replica: 'web"\n-1', host: "127.0.0.1", port: 1, state: "ill" },
      ...{ inFlight: 0, served: 0, failed: 0, lastFailure: null },
    },
  ],
};

test("what releases did is written as counters and a histogram in seconds", async () => {
  const text = await metricsText({ ...nothingDone, router: null, traffic });
  const lines = text.split("\n");
  const of = 'environment="production",service="web",release="r1"';
  expect(lines).toEqual(
    expect.arrayContaining([
      'fairway_info{version="1.2.3"} 1',
      "fairway_router_up 0",
      "# TYPE fairway_requests_total counter",
      `fairway_requests_total{${of},code="2xx"} 2`,
      `fairway_requests_total{${of},code="5xx"} 1`,
      `fairway_request_errors_total{${of}} 1`,
      "# TYPE fairway_request_duration_seconds histogram",
      `fairway_request_duration_seconds_bucket{${of},le="0.005"} 2`,
      `fairway_request_duration_seconds_bucket{${of},le="+Inf"} 3`,
      `fairway_request_duration_seconds_sum{${of}} 1.5`,
      `fairway_request_duration_seconds_count{${of}} 3`,
    ]),
  );
});

test("what the router is and did is written, and no name can leave its place", async () => {
  const lines = (await metricsText({ ...nothingDone, router, traffic: null })).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "fairway_router_up 1",
      "fairway_router_connections 5",
      'fairway_router_events_total{event="retried"} 2',
      String.raw`fairway_router_endpoint_well{replica="web\"\n-1"} 0`,
      'fairway_certificate_expiry_timestamp_seconds{host="shop.example"} 1798761600',
      'fairway_maintenance{environment="production",service="web"} 1',
    ]),
  );
  for (const line of lines.filter((one) => one !== "" && !/^(nodejs|process)_/.test(one)))
    expect(line).toMatch(/^(#|fairway_[a-z_]+(\{[^]*\})? -?[0-9.e+]+$)/);
});

const control: ControlFigures = {
  ended: [{ kind: "deployment", state: "succeeded", count: 7 }],
  open: [{ kind: "deployment", state: "running", count: 1 }],
  durations: [
    {
      kind: "deployment",
      buckets: [
        { le: 5, count: 3 },
        { le: null, count: 7 },
      ],
      sum: 80,
      count: 7,
    },
  ],
  deployments: [{ environment: "production", outcome: "rolled-back", count: 2 }],
  ...{ ready: { count: 4, oldest: 1500 }, running: 3, approvals: 2, waiters: 1, workers: 1 },
  ...{ notices: { waiting: 5, dead: 6 }, reports: { waiting: 7, dropped: 8 }, deliveries: 9, firings: [], drift: 10 },
  auditRows: 11,
};

test("what Fairway has done and has to do is written, and what its process uses", async () => {
  const api = new ApiCounts();
  api.note("status", 200, 0.02);
  api.note("status", 503, 7);
  api.note("logs", 200, null);
  const lines = (await metricsText({ ...nothingDone, control, api })).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "fairway_database_up 1",
      'fairway_runs_total{kind="deployment",state="succeeded"} 7',
      'fairway_runs_open{kind="deployment",state="running"} 1',
      'fairway_run_duration_seconds_bucket{kind="deployment",le="5"} 3',
      'fairway_run_duration_seconds_sum{kind="deployment"} 80',
      'fairway_deployments_total{environment="production",outcome="rolled-back"} 2',
      ...["fairway_jobs_ready 4", "fairway_jobs_ready_oldest_seconds 1.5", "fairway_approvals_waiting 2"],
      'fairway_outbox{of="notices",state="dead"} 6',
      'fairway_outbox{of="forge",state="dead"} 8',
      ...["fairway_drift_open 10", "fairway_audit_rows_total 11", "fairway_metrics_left_out 0"],
      'fairway_api_requests_total{operation="logs",code="2xx"} 1',
      'fairway_api_request_duration_seconds_bucket{le="0.025"} 1',
      'fairway_api_request_duration_seconds_bucket{le="+Inf"} 2',
    ]),
  );
  expect(lines.some((line) => line.startsWith("process_resident_memory_bytes "))).toBe(true);
  expect(await metricsText(nothingDone)).toContain("fairway_database_up 0");
});

test("of too many series the longest metrics lose theirs, and how many is told", () => {
  const long = (name: string, count: number) =>
    metric(
      "gauge",
      name,
      "",
      Array.from({ length: count }, (_, at) => ({ value: at, labels: { at: String(at) } })),
    );
  const all = [long("a", 3), long("b", 5_000), long("c", 400)];
  expect(withinLimit(all, 1_000).map(({ values }) => values.length)).toEqual([3, 596, 400, 1]);
  expect(withinLimit(all, 1_000).at(-1)?.values[0]?.value).toBe(4_404);
  expect(withinLimit(all, 10_000).slice(0, 3)).toEqual(all);
  const buckets = { ...long("h", 90), type: "histogram" as const };
  const grouped = buckets.values.map((one, at) => ({ ...one, metricName: at % 9 === 8 ? "h_count" : "h_bucket" }));
  expect(withinLimit([{ ...buckets, values: grouped }], 32)[0]?.values.length).toBe(27);
});
