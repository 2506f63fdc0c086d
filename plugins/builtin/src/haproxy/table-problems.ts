import type { Route, RoutingTable } from "@fairway/core";
import { limitProblems } from "./limit-problems.ts";

const hostPattern = /^(?:\*|\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)$/;
const endpointHostPattern = /^[A-Za-z0-9._:-]{1,253}$/;
/** Of what a path may hold, all that means itself in HAProxy's file: no quotes, no backslash, no blanks. */
const pathPattern = /^\/[\x21\x24-\x26\x28-\x3e\x40-\x5b\x5d-\x7e]*$/;
const healthPathPattern = /^\/[\x21\x23-\x26\x28-\x5b\x5d-\x7e]*$/;
const longestLine = 300;
const noAudience =
  "HAProxy is not told here which clients keep to a release (sticky) or always meet the new one (match); use Fairway's own router for that";

/** Why HAProxy cannot be given this table, as sentences; empty when it can. Nothing else keeps lines out of its file. */
export function tableProblems(table: RoutingTable): readonly string[] {
  const taken = new Map<string, string>();
  return Object.entries(table.routes).flatMap(([name, route]) => {
    const problems = routeProblems(route);
    for (const place of placesOf(route)) {
      const other = taken.get(place);
      if (other !== undefined) problems.push(`${place} is taken by route ${other}`);
      taken.set(place, name);
    }
    return problems.map((problem) => `route ${name}: ${problem}`);
  });
}

function routeProblems(route: Route): string[] {
  const { rules, internalPath, health, groups, audience } = route;
  const problems = [...limitProblems(route)];
  if (audience !== undefined) problems.push(noAudience);
  const fits = (text: string, pattern: RegExp): boolean => text.length <= longestLine && pattern.test(text);
  const paths = [...rules.map(({ path }) => path), ...(internalPath === "" ? [] : [internalPath])];
  for (const { host } of rules) if (!fits(host, hostPattern)) problems.push(`host ${shown(host)} is not a host name`);
  for (const path of paths) if (!fits(path, pathPattern)) problems.push(`path ${shown(path)} is not one HAProxy takes`);
  if (!fits(health.path, healthPathPattern)) problems.push(`health path ${shown(health.path)} is not a path`);
  for (const [what, span] of Object.entries({ interval: health.interval, timeout: health.timeout })) {
    if (!Number.isSafeInteger(span) || span < 1 || span > 86_400_000)
      problems.push(`health ${what} ${span} is no time`);
  }
  for (const { weight, endpoints, release } of groups) {
    if (!Number.isFinite(weight) || weight < 0) problems.push(`weight ${weight} of ${release} is below 0`);
    for (const { host, port } of endpoints) {
      if (!fits(host, endpointHostPattern)) problems.push(`endpoint host ${shown(host)} is not a host`);
      if (!Number.isSafeInteger(port) || port < 1 || port > 65_535) problems.push(`port ${port} is not a port`);
    }
  }
  return problems;
}

const placesOf = ({ rules, internalPath }: Route): readonly string[] => [
  ...rules.map(({ host, path }) => `${host.toLowerCase()}${path}`),
  ...(internalPath === "" ? [] : [`internal path ${internalPath}`]),
];

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? "nothing";
