import type { Maintenance, RequestRate, Route } from "@fairway/core";
import { backendOf } from "./names.ts";
import { quoted } from "./quoted.ts";

/** The span over which a rate is counted: what may come at once, and no more until as much could have flowed in. */
export const windowOf = ({ perSecond, burst }: RequestRate): number => Math.round((burst * 1000) / perSecond);

/** What a client is named by in a rate: its address, or for IPv6 its network of 64 bits, all of which one client may own. */
const client = "src,ipmask(32,64)";
const json = "content-type application/json";

const refusal = (status: number, error: string): string =>
  `${json} string ${quoted(JSON.stringify({ status, error }))}`;

/**
 * What HAProxy says by itself when nobody answers. It has words for the codes that are listed here and only for these;
 * whoever gets a 503 is told when to ask again.
 */
export const ownAnswerLines: readonly string[] = [
  `  http-error status 502 ${refusal(502, "the service did not answer")}`,
  `  http-error status 503 ${refusal(503, "no replica is there to answer")} hdr Retry-After 1`,
  `  http-error status 504 ${refusal(504, "the service did not answer: no answer in time")}`,
];

/** A host that no route has is named in the answer, so that whoever mistyped it sees it; as JSON it cannot say more. */
export const unroutedLines: readonly string[] = [
  `  http-request return status 404 ${json} lf-string '{"status":404,"error":"no service is routed at %[req.hdr(host),host_only,json(utf8s)]"}' if { req.hdr(host) -m found } !{ var(txn.backend) -m found }`,
  `  http-request return status 404 ${refusal(404, "no service is routed here")} unless { var(txn.backend) -m found }`,
];

type Routes = readonly (readonly [string, Route])[];

/** Measures a head as the client has sent it, before anything is added: it is too late for that once a route is known. */
export const headLengthLines = (routes: Routes): readonly string[] =>
  routes.some(([, { limits }]) => limits?.headBytes !== undefined)
    ? [
        "  http-request set-var(txn.method) method,length",
        "  http-request set-var(txn.line) url,length,add(txn.method)",
        // Two blanks, the version and a line's end.
        "  http-request set-var(txn.head) req.hdrs,length,add(txn.line),add(12)",
      ]
    : [];

/** What keeps a request from the services of these routes, on one listener, in the order in which our own router looks. */
export const admissionLines = (routes: Routes, listener: "public" | "internal"): readonly string[] =>
  routes.flatMap(([name, { httpsOnly, maintenance, limits, health }]) => {
    const here = `{ var(txn.backend) -m str ${backendOf(name)} }`;
    const outside = listener === "public";
    return [
      ...(outside && httpsOnly === true ? tlsLines(here) : []),
      ...(outside && maintenance !== undefined ? maintenanceLines(here, maintenance, health.path) : []),
      ...(limits?.headBytes === undefined
        ? []
        : [
            `  http-request return status 431 ${refusal(431, "the request head is too long")} if ${here} { var(txn.head) -m int gt ${limits.headBytes} }`,
          ]),
      ...(limits?.bodyBytes === undefined ? [] : bodyLines(here, limits.bodyBytes)),
      ...(outside && limits?.requestRate !== undefined ? rateLines(here, name, limits.requestRate) : []),
    ];
  });

/** Something in front ends TLS, at the usual port. 308 keeps method and body. */
const tlsLines = (here: string): readonly string[] => [
  `  http-request return status 400 ${refusal(400, "this host is reached over TLS, and the request names no host")} if ${here} !{ req.hdr(host) -m found }`,
  `  http-request redirect prefix https://%[req.hdr(host),host_only] code 308 if ${here}`,
];

/** A body whose length is not told could be any: HAProxy reads none further than its buffer, so it is refused. */
const bodyLines = (here: string, bytes: number): readonly string[] => [
  `  http-request return status 413 ${refusal(413, "the request body is too long")} if ${here} { req.body_size gt ${bytes} }`,
  `  http-request return status 411 ${refusal(411, "the length of the request body must be told")} if ${here} { req.hdr(transfer-encoding) -m found }`,
];

/** Looked at before it is counted: a client that goes on asking is let in again when the time has come. */
const rateLines = (here: string, name: string, rate: RequestRate): readonly string[] => {
  const table = backendOf(name);
  const wait = Math.max(1, Math.ceil(1 / rate.perSecond));
  return [
    `  http-request return status 429 ${refusal(429, "too many requests")} hdr Retry-After ${wait} if ${here} { ${client},table_http_req_rate(${table}) ge ${rate.burst} }`,
    `  http-request track-sc0 ${client} table ${table} if ${here}`,
  ];
};

/** Where the requests of each client are counted. Filled up, it forgets the least recent. */
export const rateTableLines = ({ limits }: Route): readonly string[] => {
  if (limits?.requestRate === undefined) return [];
  const window = windowOf(limits.requestRate);
  return [`  stick-table type ipv6 size 50k expire ${window + 1000}ms store http_req_rate(${window}ms)`];
};

/**
 * HAProxy times silence, in an answer as before it, and cannot change that once an answer has begun. So a client that
 * asks for an event stream, which may be silent for long, gets the time that holds for all.
 */
export const answerTimeLines = ({ limits }: Route, usual: number): readonly string[] =>
  limits?.answerWithin === undefined
    ? []
    : [
        `  timeout server ${Math.min(limits.answerWithin, usual)}ms`,
        `  http-request set-timeout server ${usual}ms if { req.hdr(accept) -m sub text/event-stream }`,
      ];

function maintenanceLines(here: string, { message, retryAfter = 60 }: Maintenance, healthPath: string): string[] {
  const closed = `${here} !{ path -m str ${quoted(healthPath)} }`;
  const retry = `hdr Retry-After ${retryAfter} hdr Cache-Control no-store`;
  return [
    `  http-request return status 503 content-type 'text/html; charset=utf-8' string ${quoted(page(message))} ${retry} if ${closed} { req.hdr(accept) -m sub text/html }`,
    `  http-request return status 503 ${refusal(503, message)} ${retry} if ${closed}`,
  ];
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** On one line, as a line of the file it stands in is one. */
function page(message: string): string {
  const text = message.replace(/[&<>"]/g, (character) => entities[character] ?? "").replaceAll(/\p{Cc}+/gu, " ");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Under maintenance</title><h1>Under maintenance</h1><p>${text}</p></html>`;
}
