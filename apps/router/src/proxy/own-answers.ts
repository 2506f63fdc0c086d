import { hostOf } from "../http1/request-head.ts";
import type { ListenerName } from "./asker.ts";

/** What the router says by itself when it has no answer of a service to pass on. */
export interface OwnReply {
  readonly status: number;
  readonly message: string;
  /** Whole lines, without their ends. */
  readonly headers?: readonly string[];
  /** In seconds. */
  readonly retryAfter?: number;
  /** A page to say it with instead of JSON. */
  readonly html?: string;
}

/** To a request that no route takes. Named, a host that was mistyped is seen; as JSON it can say no more than a name. */
export const unrouted = (listener: ListenerName, authority: string): OwnReply => ({
  status: 404,
  message:
    listener === "internal" || authority === ""
      ? "no service is routed here"
      : `no service is routed at ${hostOf(authority)}`,
});

/** That, to one request. */
export interface OwnAnswer extends OwnReply {
  readonly requestId: string;
  readonly close: boolean;
  /** Only the head: the answer to HEAD. */
  readonly headOnly: boolean;
}

const reasons: Readonly<Record<number, string>> = {
  308: "Permanent Redirect",
  400: "Bad Request",
  404: "Not Found",
  408: "Request Timeout",
  413: "Content Too Large",
  417: "Expectation Failed",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

/** The whole answer on the wire: a small JSON body with the request id, so that a report leads to the log. */
export function ownAnswer({
  status,
  message,
  headers,
  retryAfter,
  html,
  requestId,
  close,
  headOnly,
}: OwnAnswer): string {
  const body = html ?? `${JSON.stringify({ status, error: message, requestId })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? "Error"}`,
    `Content-Type: ${html === undefined ? "application/json" : "text/html; charset=utf-8"}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    `X-Request-Id: ${requestId}`,
    ...(headers ?? []),
    ...(status === 503 || retryAfter !== undefined ? [`Retry-After: ${retryAfter ?? 1}`] : []),
    ...(close ? ["Connection: close"] : []),
  ];
  return `${head.join("\r\n")}\r\n\r\n${headOnly ? "" : body}`;
}
