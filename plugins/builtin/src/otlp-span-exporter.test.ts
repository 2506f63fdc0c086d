import type { Span } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { noticePlaceDouble } from "../fixtures/notice-place.ts";
import { otlpSpanExporter, wantsTraces } from "./otlp-span-exporter.ts";

const span: Span = {
  trace: "0af7651916cd43dd8448eb211c80319c",
  id: "b7ad6b7169203331",
  parent: null,
  name: "deployment deploy r2 to production",
  began: "2026-01-01T00:00:00.250Z",
  ended: "2026-01-01T00:00:09.000Z",
  attributes: { "cicd.pipeline.run.id": "run-7" },
  trouble: "3 of 3 failed",
};

test("a collector gets spans as OTLP has them, with their times to the millisecond", async () => {
  const collector = await noticePlaceDouble(() => ({ status: 200, body: {} }));
  onTestFinished(() => collector.close());
  await otlpSpanExporter({ url: `${collector.url}/v1/traces`, version: "1.2.3" }).send([
    span,
    { ...span, id: "00f067aa0ba902b7", parent: span.id, trouble: null },
  ]);
  expect(collector.heard[0]).toMatchObject({ method: "POST", path: "/v1/traces" });
  const { resourceSpans } = JSON.parse(collector.heard[0]?.body ?? "{}") as {
    readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly object[] }[] }[];
  };
  expect(resourceSpans[0]?.scopeSpans[0]?.spans).toMatchObject([
    {
      traceId: span.trace,
      spanId: span.id,
      startTimeUnixNano: "1767225600250000000",
      endTimeUnixNano: "1767225609000000000",
      status: { code: 2, message: "3 of 3 failed" },
    },
    { parentSpanId: span.id, status: { code: 1 } },
  ]);
  expect(JSON.stringify(resourceSpans)).toContain("service.name");
});

test("a collector that refuses is told as what may be tried again", async () => {
  const collector = await noticePlaceDouble(() => ({ status: 400, body: {} }));
  onTestFinished(() => collector.close());
  await expect(
    otlpSpanExporter({ url: `${collector.url}/v1/traces`, version: "1" }).send([span]),
  ).rejects.toMatchObject({
    code: "target_unreachable",
    retryable: true,
  });
});

test("traces are wanted where OpenTelemetry's variables say so", () => {
  expect(wantsTraces({})).toBe(false);
  expect(wantsTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" })).toBe(true);
  expect(wantsTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_SDK_DISABLED: "true" })).toBe(false);
});

test("a collector that sends elsewhere is not followed: what the request carries is told to nobody else", async () => {
  const elsewhere = await noticePlaceDouble(() => ({ status: 200, body: {} }));
  onTestFinished(() => elsewhere.close());
  const headers = { location: `${elsewhere.url}/v1/traces` };
  const collector = await noticePlaceDouble(() => ({ status: 307, headers, body: {} }));
  onTestFinished(() => collector.close());
  await expect(
    otlpSpanExporter({ url: `${collector.url}/v1/traces`, version: "1" }).send([span]),
  ).rejects.toMatchObject({ code: "target_unreachable" });
  expect([collector.heard.length, elsewhere.heard.length]).toEqual([1, 0]);
});
