import { createHash } from "node:crypto";
import type { Action, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Route, RoutingTable, TrafficGroup } from "@fairway/core";

/** A target group that is wanted: the replicas of one release behind one route. */
export interface WantedGroup {
  /** Also its name at AWS, which knows no more than 32 characters. */
  readonly name: string;
  readonly route: string;
  readonly health: Route["health"];
  readonly targets: readonly { readonly host: string; readonly port: number }[];
}

/** A rule of the listener that is wanted; the first that fits a request has it. */
export interface WantedRule {
  readonly key: string;
  readonly conditions: readonly RuleCondition[];
  /** Its forward names target groups by their names, in place of ARNs. */
  readonly action: Action;
}

/** What a listener of an ALB must have for a table. */
export interface WantedListener {
  readonly groups: readonly WantedGroup[];
  /** In the order of their priority. */
  readonly rules: readonly WantedRule[];
}

/** What of a table an ALB cannot do, as sentences; none where it can do all of it. Pure. */
export function beyondAlb({ routes }: RoutingTable): readonly string[] {
  return Object.entries(routes).flatMap(([name, { limits, groups, rules }]) => [
    ...(Object.values(limits ?? {}).some((limit) => limit !== undefined)
      ? [`${name} has limits, and a load balancer of AWS has none; use AWS WAF for rates`]
      : []),
    ...(groups.length > 5 ? [`${name} has ${groups.length} releases at once, and a rule forwards to 5 at most`] : []),
    ...rules.flatMap(({ host, path }) =>
      /[*?]/u.test(path) || (host !== "*" && /[*?]/u.test(host))
        ? [`${name} has ${host}${path}, in which a load balancer of AWS would see a pattern`]
        : [],
    ),
  ]);
}

const priorityOf = ({ host, path }: Route["rules"][number]): readonly [number, number] => [
  host === "*" ? 1 : 0,
  -path.length,
];

/** What the listener must have: the longest path wins, a host that is named before any. Pure: the same table gives the same. */
export function wantedListener({ routes }: RoutingTable, listener: string): WantedListener {
  const groups: WantedGroup[] = [];
  const rules: (WantedRule & { readonly rank: readonly number[] })[] = [];
  for (const [name, route] of Object.entries(routes).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const at: RouteAt = [listener, name];
    for (const group of route.groups)
      groups.push({
        name: groupName(at, group.release),
        route: name,
        health: route.health,
        targets: group.endpoints.map(({ host, port }) => ({ host, port })),
      });
    for (const rule of route.rules) {
      const conditions = conditionsOf(rule);
      const rank = priorityOf(rule);
      const where = `${name} ${rule.host}${rule.path}`;
      for (const [index, extra] of matchConditions(route).entries())
        rules.push({
          key: keyOf(where, `match ${index}`),
          conditions: [...conditions, extra],
          action: forwardTo(at, route, onlyAudience(route)),
          rank: [...rank, 0],
        });
      rules.push({ key: keyOf(where, "all"), conditions, action: actionOf(at, route), rank: [...rank, 1] });
    }
  }
  return {
    groups,
    rules: rules
      .toSorted((a, b) => byRank(a.rank, b.rank) || (a.key < b.key ? -1 : 1))
      .map(({ rank: _rank, ...rule }) => rule),
  };
}

function byRank(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** `/api` takes `/api` and what is below it, not `/apix`. */
function conditionsOf({ host, path }: Route["rules"][number]): readonly RuleCondition[] {
  const base = path.endsWith("/") ? path.slice(0, -1) : path;
  return [
    { Field: "path-pattern", PathPatternConfig: { Values: base === "" ? ["/*"] : [base, `${base}/*`] } },
    ...(host === "*" ? [] : [{ Field: "host-header", HostHeaderConfig: { Values: [host] } }]),
  ];
}

/** Any one of them is enough, so each is a rule of its own. */
function matchConditions({ audience, maintenance, httpsOnly }: Route): readonly RuleCondition[] {
  if (maintenance !== undefined || httpsOnly === true) return [];
  const { headers = {}, cookies = {} } = audience?.match ?? {};
  return [
    ...Object.entries(headers).map(([name, value]) => headerIs(name, escaped(value))),
    ...Object.entries(cookies).map(([name, value]) => headerIs("Cookie", `*${escaped(`${name}=${value}`)}*`)),
  ];
}

const headerIs = (name: string, value: string): RuleCondition => ({
  Field: "http-header",
  HttpHeaderConfig: { HttpHeaderName: name, Values: [value] },
});
const escaped = (value: string): string => value.replaceAll(/[*?\\]/gu, (sign) => `\\${sign}`);

const onlyAudience = ({ groups, audience }: Route): readonly TrafficGroup[] =>
  groups.filter(({ release }) => release === audience?.release).map((group) => ({ ...group, weight: 1 }));

function actionOf(at: RouteAt, route: Route): Action {
  if (route.httpsOnly === true)
    return {
      Type: "redirect",
      RedirectConfig: {
        Protocol: "HTTPS",
        Port: "443",
        StatusCode: "HTTP_301",
        Host: "#{host}",
        Path: "/#{path}",
        Query: "#{query}",
      },
    };
  if (route.maintenance !== undefined)
    return {
      Type: "fixed-response",
      FixedResponseConfig: {
        StatusCode: "503",
        ContentType: "text/plain",
        MessageBody: route.maintenance.message.slice(0, 1024),
      },
    };
  return forwardTo(at, route, route.groups);
}

/** AWS takes weights up to 999; what nobody is ready in gets nothing. */
function forwardTo(at: RouteAt, { audience }: Route, groups: readonly TrafficGroup[]): Action {
  const ready = groups.filter(({ weight, endpoints }) => weight > 0 && endpoints.length > 0);
  if (ready.length === 0)
    return {
      Type: "fixed-response",
      FixedResponseConfig: {
        StatusCode: "503",
        ContentType: "application/json",
        MessageBody: JSON.stringify({ message: "no replica is ready" }),
      },
    };
  const heaviest = Math.max(...ready.map(({ weight }) => weight));
  const scale = heaviest > 999 ? 999 / heaviest : 1;
  return {
    Type: "forward",
    ForwardConfig: {
      TargetGroups: ready.map(({ release, weight }) => ({
        TargetGroupArn: groupName(at, release),
        Weight: Math.max(1, Math.round(weight * scale)),
      })),
      TargetGroupStickinessConfig:
        audience?.sticky === true && ready.length > 1 ? { Enabled: true, DurationSeconds: 86_400 } : { Enabled: false },
    },
  };
}

/** A listener and a route of it: names of target groups are those of a whole account. */
type RouteAt = readonly [listener: string, route: string];

const groupName = (at: RouteAt, release: string): string => `fw-${keyOf(...at, release).slice(0, 26)}`;

const keyOf = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
