import { createHash } from "node:crypto";
import type { Route, RoutingTable } from "@fairway/core";
import {
  admissionLines,
  answerTimeLines,
  headLengthLines,
  ownAnswerLines,
  rateTableLines,
  unroutedLines,
} from "./admission-lines.ts";
import { addressOf, backendOf } from "./names.ts";
import { quoted } from "./quoted.ts";
import type { WantedServer } from "./servers.ts";
import { serversOf } from "./servers.ts";

/** Where a HAProxy listens and is controlled. */
export interface ConfigPlace {
  readonly publicAddress: string;
  readonly internalAddress: string;
  /** Over which a new worker gets the listening sockets of the one before. */
  readonly statsSocket: string;
  /** Over which a worker that leaves hands requests on, by the frontend they came to. */
  readonly handover: Readonly<Record<Frontend, string>>;
}

type Frontend = "public" | "internal";

/**
 * The configuration of a table. What HAProxy must be told is chosen so that a reload hurts nobody: without
 * `idle-close-on-response` a worker that leaves resets kept connections, and `noreuseport` keeps a second HAProxy from
 * taking half of the connections instead of failing to start.
 */
export function configText(table: RoutingTable, place: ConfigPlace): string {
  const routes = Object.entries(table.routes);
  return [
    ...globalLines(place),
    ...publicLines(routes, place),
    ...internalLines(routes, place),
    ...routes.flatMap(([name, route]) => backendLines(name, route)),
    "",
  ].join("\n");
}

/** Of everything in a table that HAProxy takes only from a file: as long as it stays the same, no reload is needed. */
export function structureOf(table: RoutingTable, place: ConfigPlace): string {
  const bare = Object.fromEntries(
    Object.entries(table.routes).map(([name, route]) => [name, { ...route, groups: [] }]),
  );
  return createHash("sha256")
    .update(configText({ ...table, routes: bare }, place))
    .digest("hex");
}

/**
 * A server as it is in the file and at run time alike. Two misses in a row make it ill. Without `pool-max-conn` a server
 * that is added at run time keeps no connection, and each request makes a new one (HAProxy 2.6: 80 for 80 requests).
 */
export const serverWords = ({ endpoint, weight, health }: WantedServer): string =>
  `${addressOf(endpoint)} weight ${weight} pool-purge-delay 4s pool-max-conn 1000 check inter ${health.interval}ms fall 2 rise 1`;

type Routes = readonly (readonly [string, Route])[];

/** How long a service may be silent. */
const serverTimeout = 120_000;

const globalLines = ({ statsSocket }: ConfigPlace): readonly string[] => [
  "global",
  "  noreuseport",
  `  stats socket ${quoted(statsSocket)} mode 600 level admin expose-fd listeners`,
  "  hard-stop-after 1h",
  "defaults",
  "  mode http",
  "  timeout connect 2s",
  "  timeout http-request 10s",
  "  timeout http-keep-alive 75s",
  "  timeout client 60s",
  `  timeout server ${serverTimeout}ms`,
  "  timeout tunnel 1h",
  "  option idle-close-on-response",
  "  option redispatch 1",
  "  retries 3",
  "  retry-on conn-failure empty-response",
  "  http-reuse safe",
  // A client that begins with HTTP/2 could send a body whose length is never told; our own router speaks none either.
  "  option disable-h2-upgrade",
  ...ownAnswerLines,
];

/**
 * What both frontends begin with. A worker that leaves after a reload knows only the servers of then, and takes no changes
 * any more ("Proxy is disabled"): what a kept connection still brings to it goes on to the worker that took over, with
 * the client's address before it. Who asked, by which scheme and host, and the id, are the router's to say.
 */
const frontendLines = (
  name: Frontend,
  address: string,
  { handover }: ConfigPlace,
  routes: Routes,
): readonly string[] => [
  `backend handover_${name}`,
  "  http-reuse never",
  `  server next ${quoted(`unix@${handover[name]}`)} send-proxy-v2`,
  `frontend ${name}`,
  `  bind ${address}`,
  `  bind ${quoted(`unix@${handover[name]}`)} mode 600 accept-proxy`,
  "  http-request deny deny_status 501 if METH_CONNECT",
  `  http-request set-var(txn.backend) str(handover_${name}) if { stopping }`,
  "  http-request allow if { stopping }",
  ...headLengthLines(routes),
  "  http-request del-header x-forwarded- -m beg",
  "  http-request del-header forwarded",
  "  http-request del-header x-real-ip",
  "  http-request set-header X-Forwarded-For %[src]",
  "  http-request set-header X-Forwarded-Proto http",
  "  http-request set-header X-Forwarded-Host %[req.hdr(host)] if { req.hdr(host) -m found }",
  "  http-request set-header X-Request-Id %[uuid()]",
];

const routingEnd: readonly string[] = [...unroutedLines, "  use_backend %[var(txn.backend)]"];

/** Of all rules that hold the last one wins, so they go from `*` to hosts, and from short paths to long ones. */
function publicLines(routes: Routes, place: ConfigPlace): readonly string[] {
  const rules = routes
    .flatMap(([name, { rules: own }]) => own.map(({ host, path }) => ({ host: host.toLowerCase(), path, name })))
    .toSorted((a, b) => Number(a.host !== "*") - Number(b.host !== "*") || a.path.length - b.path.length);
  return [
    ...frontendLines("public", place.publicAddress, place, routes),
    "  http-request set-var(txn.host) req.hdr(host),host_only,lower",
    ...rules.flatMap(({ host, path, name }) =>
      selection(name, path, host === "*" ? "" : `{ var(txn.host) -m str ${quoted(host)} } `),
    ),
    ...admissionLines(routes, "public"),
    ...routingEnd,
  ];
}

function internalLines(routes: Routes, place: ConfigPlace): readonly string[] {
  const reachable = routes
    .filter(([, { internalPath }]) => internalPath !== "")
    .toSorted(([, a], [, b]) => a.internalPath.length - b.internalPath.length);
  return [
    ...frontendLines("internal", place.internalAddress, place, reachable),
    ...reachable.flatMap(([name, { internalPath }]) => selection(name, internalPath, "")),
    ...admissionLines(reachable, "internal"),
    ...reachable
      .filter(([, { internalPath }]) => internalPath !== "/")
      .map(
        ([name, { internalPath }]) =>
          `  http-request replace-path ${quoted(`^${escaped(internalPath)}/?(.*)$`)} '/\\1' if { var(txn.backend) -m str ${backendOf(name)} }`,
      ),
    ...routingEnd,
  ];
}

/** The lines that choose a route for what lies under a path, which ends at a segment border. */
function selection(name: string, path: string, condition: string): readonly string[] {
  const choose = `  http-request set-var(txn.backend) str(${backendOf(name)}) if ${condition}`;
  if (path === "/") return [`${choose}{ always_true }`];
  const under = path.endsWith("/") ? path : `${path}/`;
  return [`${choose}{ path -m str ${quoted(path)} }`, `${choose}{ path -m beg ${quoted(under)} }`];
}

function backendLines(name: string, route: Route): readonly string[] {
  return [
    `backend ${backendOf(name)}`,
    // A balance that works with servers that come and go, and that deals weights out exactly.
    "  balance roundrobin",
    `  option httpchk GET ${quoted(route.health.path)}`,
    "  http-check expect rstatus ^2",
    `  timeout check ${route.health.timeout}ms`,
    ...rateTableLines(route),
    ...answerTimeLines(route, serverTimeout),
    // Once sent, only what may be done twice is sent again; a connection that was refused is always tried elsewhere.
    "  http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }",
    ...serversOf(name, route).map((server) => `  server ${server.server} ${serverWords(server)}`),
  ];
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
