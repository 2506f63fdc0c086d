import type { Span, SpanExporter } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

export interface OtlpAccess {
  /** Where traces are taken, `http://collector:4318/v1/traces`; else where OpenTelemetry's variables of the process say. */
  readonly url?: string;
  /** Of Fairway. */
  readonly version: string;
}

const patience = 10_000;

/** Whether OpenTelemetry's own variables say where traces go. */
export const wantsTraces = (env: Readonly<Record<string, string | undefined>>): boolean =>
  Boolean(env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"]) &&
  env["OTEL_TRACES_EXPORTER"] !== "none" &&
  env["OTEL_SDK_DISABLED"] !== "true";

/** Sends spans by OTLP over HTTP, as JSON. The library is loaded with the first. */
export const otlpSpanExporter = ({ url, version }: OtlpAccess): SpanExporter => ({
  async send(spans) {
    const [{ OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
    const resource = resourceFromAttributes({ "service.name": "fairway", "service.version": version });
    const exporter = new OTLPTraceExporter({ ...(url === undefined ? {} : { url }), timeoutMillis: patience });
    try {
      const said = await new Promise<{ readonly code: number; readonly error?: Error | undefined }>((resolve) => {
        exporter.export(
          spans.map((span) => readable(span, resource, version)),
          resolve,
        );
      });
      // 0: the collector took them.
      if (said.code !== 0)
        throw new FairwayError(
          "target_unreachable",
          `the collector took no traces: ${said.error ? messageOf(said.error) : "it did not say why"}`,
          { retryable: true, cause: said.error },
        );
    } finally {
      await exporter.shutdown();
    }
  },
});

/** A span that is over, as the library's exporters take them. */
function readable(span: Span, resource: ReadableSpan["resource"], version: string): ReadableSpan {
  const [startTime, endTime] = [timeOf(Date.parse(span.began)), timeOf(Date.parse(span.ended))];
  const context = (spanId: string): ReturnType<ReadableSpan["spanContext"]> => ({
    traceId: span.trace,
    spanId,
    traceFlags: 1,
  });
  return {
    name: span.name,
    // SERVER for the run, INTERNAL for what is within it (semantic conventions for CI/CD).
    kind: span.parent === null ? 1 : 0,
    spanContext: () => context(span.id),
    ...(span.parent === null ? {} : { parentSpanContext: context(span.parent) }),
    startTime,
    endTime,
    status: span.trouble === null ? { code: 1 } : { code: 2, message: span.trouble },
    attributes: { ...span.attributes, ...(span.trouble === null ? {} : { "error.type": "failure" }) },
    links: [],
    events: [],
    duration: timeOf(Date.parse(span.ended) - Date.parse(span.began)),
    ended: true,
    resource,
    instrumentationScope: { name: "fairway", version },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and the nanoseconds within one. */
function timeOf(millis: number): [number, number] {
  return [Math.floor(millis / 1000), (millis % 1000) * 1_000_000];
}
