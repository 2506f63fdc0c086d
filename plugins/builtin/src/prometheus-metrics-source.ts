import type { MetricsSource, Millis } from "@fairway/core";
import { messageOf } from "@fairway/core";
import type { WebAnswer } from "./outgoing/guarded-web-fetch.ts";
import { guardedWebFetch } from "./outgoing/guarded-web-fetch.ts";

export interface PrometheusOptions {
  readonly url: string;
  /** Sent as a bearer token; never shown. */
  readonly token?: string;
  /** How long an answer may take; 5 s when left out. */
  readonly timeout?: Millis;
}

const fetch = guardedWebFetch({ origin: "within" });
const usualTimeout: Millis = 5_000;
/** An answer with one number has some hundred bytes. */
const mostBytes = 1024 * 1024;

/**
 * Asks Prometheus, or what speaks its HTTP API, at this moment. It follows no redirect: that would hand the token to
 * whoever stands there. https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
export function prometheusMetricsSource({ url, token, timeout = usualTimeout }: PrometheusOptions): MetricsSource {
  const address = `${url.replace(/\/+$/u, "")}/api/v1/query`;
  return {
    async ask(query) {
      try {
        const response = await fetch(address, {
          method: "POST",
          body: new URLSearchParams({ query }),
          signal: AbortSignal.timeout(timeout),
          headers: { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        });
        const text = await bodyOf(response);
        if (text === null) return `Prometheus answered with more than ${mostBytes} bytes`;
        return numberOf(text, response.status);
      } catch (thrown) {
        return `Prometheus did not answer: ${reasonOf(thrown, timeout)}`;
      }
    },
  };
}

/** The body as text; null when it is longer than anybody should read. */
async function bodyOf(response: WebAnswer): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    // Leaving the loop ends the connection.
    if (size > mostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** What this library says says little; its cause tells. */
function reasonOf(thrown: unknown, timeout: Millis): string {
  if (thrown instanceof Error && thrown.name === "TimeoutError") return `not within ${timeout / 1000} s`;
  return messageOf(thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown);
}

interface Answer {
  readonly status?: unknown;
  readonly error?: unknown;
  readonly data?: { readonly resultType?: unknown; readonly result?: unknown };
}

function numberOf(text: string, status: number): number | string {
  let answer: Answer | null;
  try {
    answer = JSON.parse(text) as Answer | null;
  } catch {
    return `what answers is no Prometheus: HTTP ${status}, and not JSON`;
  }
  if (answer?.status === "error") return `Prometheus refused the query: ${String(answer.error).slice(0, 300)}`;
  const { resultType, result } = answer?.data ?? {};
  if (answer?.status !== "success" || !Array.isArray(result))
    return `what answers is no Prometheus: HTTP ${status}, and no result`;
  if (resultType === "scalar") return finite(result[1]);
  if (resultType !== "vector") return `the query gives a ${String(resultType)}, not a number`;
  if (result.length === 0) return "the answer is empty: nothing has these labels";
  if (result.length > 1) return `the answer has ${result.length} numbers; let the query add them up`;
  return finite((result[0] as { readonly value?: readonly unknown[] } | null)?.value?.[1]);
}

/** Prometheus writes numbers as texts, also `NaN` and `+Inf`. */
function finite(value: unknown): number | string {
  const number = typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : `the answer is no number: ${String(value).slice(0, 40)}`;
}
