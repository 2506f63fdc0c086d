import type { RouterStatus } from "@fairway/api";
import type { RouterTraffic } from "@fairway/core";
import { expect, test } from "vitest";
import { metricsText } from "./metrics-text.ts";

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
  const text = await metricsText({ version: "1.2.3", router: null, traffic });
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
  const lines = (await metricsText({ version: "1.2.3", router, traffic: null })).split("\n");
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
  for (const line of lines.filter((one) => one !== ""))
    expect(line).toMatch(/^(#|fairway_[a-z_]+(\{[^]*\})? -?[0-9.e+]+$)/);
});
