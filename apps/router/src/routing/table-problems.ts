import type { RoutingTable } from "@fairway/core";

const hostPattern = /^(?:\*|\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)$/;
const endpointHostPattern = /^[A-Za-z0-9._:-]{1,253}$/;
const pathPattern = /^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/;
const longestSpan = 24 * 3600 * 1000;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSpan = (value: unknown): boolean => isCount(value) && value > 0 && value <= longestSpan;
const isText = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= 500;
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? "nothing";

/** A table that can be put in force, or every reason why not, as sentences. */
export type CheckedTable =
  | { readonly ok: true; readonly table: RoutingTable }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Checks whatever was sent as a routing table, and finds all problems at once. */
export function checkTable(sent: unknown): CheckedTable {
  const problems: string[] = [];
  if (!isFields(sent)) return { ok: false, problems: ["the table is not an object"] };
  if (!isCount(sent["version"])) problems.push(`version ${shown(sent["version"])} is not a whole number from 0`);
  const { routes } = sent;
  if (!isFields(routes)) return { ok: false, problems: [...problems, "routes is not an object"] };
  const taken = new Map<string, string>();
  for (const [name, route] of Object.entries(routes)) {
    const problem = (text: string): unknown => problems.push(`route ${name}: ${text}`);
    if (!isText(name)) problem("its name is empty or too long");
    if (!isFields(route)) {
      problem("it is not an object");
      continue;
    }
    for (const place of placesOf(route, problem)) {
      const other = taken.get(place);
      if (other === undefined) taken.set(place, name);
      else problem(other === name ? `${place} is listed twice` : `${place} is taken by route ${other}`);
    }
    checkHealth(route["health"], problem);
    checkGroups(route["groups"], problem);
    checkExtras(route, problem);
    if (route["audience"] !== undefined) checkAudience(route["audience"], problem);
    if (!isCount(route["epoch"])) problem(`epoch ${shown(route["epoch"])} is not a whole number from 0`);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, table: sent as unknown as RoutingTable };
}

type Problem = (text: string) => unknown;

/** Where a route can be reached, each as a text that no other route may have. */
function placesOf(route: Fields, problem: Problem): readonly string[] {
  const places: string[] = [];
  const { rules, internalPath } = route;
  if (!Array.isArray(rules)) problem("rules is not a list");
  for (const rule of Array.isArray(rules) ? (rules as unknown[]) : []) {
    const { host, path } = isFields(rule) ? rule : {};
    if (!isText(host) || !hostPattern.test(host)) problem(`host ${shown(host)} is neither a host name nor "*"`);
    else if (!isText(path) || !pathPattern.test(path)) problem(`path ${shown(path)} of host ${host} is not a path`);
    else places.push(`${host.toLowerCase()}${path}`);
  }
  if (internalPath === "") return places;
  if (!isText(internalPath) || !pathPattern.test(internalPath)) {
    problem(`internalPath ${shown(internalPath)} is not a path`);
  } else places.push(`internal path ${internalPath}`);
  return places;
}

function checkHealth(health: unknown, problem: Problem): void {
  const { path, interval, timeout } = isFields(health) ? health : {};
  if (!isText(path) || !/^\/[\x21-\x7e]*$/.test(path)) problem(`health path ${shown(path)} is not a path`);
  if (!isSpan(interval)) problem(`health interval ${shown(interval)} is not a number of milliseconds above 0`);
  if (!isSpan(timeout)) problem(`health timeout ${shown(timeout)} is not a number of milliseconds above 0`);
}

/** What a route may say and need not. */
function checkExtras({ httpsOnly, limits, maintenance }: Fields, problem: Problem): void {
  if (httpsOnly !== undefined && typeof httpsOnly !== "boolean") {
    problem(`httpsOnly ${shown(httpsOnly)} is neither true nor false`);
  }
  if (limits !== undefined) checkLimits(limits, problem);
  if (maintenance === undefined) return;
  const { message, retryAfter } = isFields(maintenance) ? maintenance : {};
  if (!isText(message)) problem(`maintenance message ${shown(message)} is empty or longer than 500 characters`);
  if (retryAfter !== undefined && (!isCount(retryAfter) || retryAfter < 1 || retryAfter > 604_800)) {
    problem(`maintenance retryAfter ${shown(retryAfter)} is not between 1 second and a week`);
  }
}

const headerName = /^[!#$%&'*+.^_\x60|~0-9A-Za-z-]{1,200}$/;
/** What can stand in a header line of a request that was understood. */
const headerValue = /^[\x21-\x7e](?:[\t\x20-\x7e]{0,498}[\x21-\x7e])?$/;
const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,500}$/;

function checkAudience(audience: unknown, problem: Problem): void {
  if (!isFields(audience)) return void problem(`audience ${shown(audience)} is not an object`);
  const { release, sticky, match } = audience;
  if (!isText(release)) problem(`audience release ${shown(release)} is not a name`);
  if (sticky !== undefined && typeof sticky !== "boolean") problem(`sticky ${shown(sticky)} is neither true nor false`);
  if (match === undefined) return;
  if (!isFields(match)) return void problem(`match ${shown(match)} is not an object`);
  checkMatch("header", match["headers"], headerValue, problem);
  checkMatch("cookie", match["cookies"], cookieValue, problem);
}

function checkMatch(kind: string, named: unknown, form: RegExp, problem: Problem): void {
  if (named === undefined) return;
  if (!isFields(named)) return void problem(`match ${kind}s ${shown(named)} is not an object`);
  for (const [name, value] of Object.entries(named)) {
    if (!headerName.test(name)) problem(`match ${kind} ${shown(name)} is not a name`);
    if (typeof value !== "string" || !form.test(value))
      problem(`match ${kind} ${shown(name)} cannot have ${shown(value)}`);
  }
}

function checkLimits(limits: unknown, problem: Problem): void {
  if (!isFields(limits)) return void problem(`limits ${shown(limits)} is not an object`);
  const { requestRate, bodyBytes, headBytes, answerWithin, ...unknown } = limits;
  // A limit that is misspelt would be a limit that does not hold.
  for (const name of Object.keys(unknown)) problem(`limits has no ${name.slice(0, 40)}`);
  for (const [name, bytes] of Object.entries({ bodyBytes, headBytes })) {
    if (bytes !== undefined && !isCount(bytes)) problem(`${name} ${shown(bytes)} is not a number of bytes`);
  }
  if (answerWithin !== undefined && !isSpan(answerWithin)) {
    problem(`answerWithin ${shown(answerWithin)} is not a number of milliseconds above 0`);
  }
  if (requestRate === undefined) return;
  const { perSecond, burst } = isFields(requestRate) ? requestRate : {};
  if (typeof perSecond !== "number" || !(perSecond >= 0.001 && perSecond <= 1e6)) {
    problem(`requestRate perSecond ${shown(perSecond)} is not between 0.001 and a million`);
  }
  if (!isCount(burst) || burst < 1 || burst > 1e6)
    problem(`requestRate burst ${shown(burst)} is not between 1 and a million`);
}

function checkGroups(groups: unknown, problem: Problem): void {
  if (!Array.isArray(groups)) return void problem("groups is not a list");
  const releases = new Set<unknown>();
  for (const group of groups as unknown[]) {
    const { release, weight, endpoints } = isFields(group) ? group : {};
    if (!isText(release)) problem(`release ${shown(release)} is not a name`);
    else if (releases.has(release)) problem(`release ${release} has two groups`);
    releases.add(release);
    if (typeof weight !== "number" || !Number.isFinite(weight) || weight < 0 || weight > 1e6) {
      problem(`weight ${shown(weight)} of release ${shown(release)} is not between 0 and a million`);
    }
    if (!Array.isArray(endpoints)) problem(`endpoints of release ${shown(release)} is not a list`);
    for (const endpoint of Array.isArray(endpoints) ? (endpoints as unknown[]) : []) checkEndpoint(endpoint, problem);
  }
}

function checkEndpoint(endpoint: unknown, problem: Problem): void {
  const { replica, host, port } = isFields(endpoint) ? endpoint : {};
  if (!isText(replica)) problem(`replica ${shown(replica)} is not a name`);
  if (!isText(host) || !endpointHostPattern.test(host)) problem(`endpoint host ${shown(host)} is not a host`);
  if (!isCount(port) || port < 1 || port > 65_535) problem(`endpoint port ${shown(port)} is not between 1 and 65535`);
}

/** Why a request to drain cannot be followed; empty when it can. */
export function drainProblems(sent: unknown): readonly string[] {
  const problems: string[] = [];
  const { endpoints, within } = isFields(sent) ? sent : {};
  if (!Array.isArray(endpoints)) problems.push("endpoints is not a list");
  for (const endpoint of Array.isArray(endpoints) ? (endpoints as unknown[]) : []) {
    checkEndpoint(endpoint, (text) => problems.push(text));
  }
  if (!isCount(within) || within > longestSpan)
    problems.push(`within ${shown(within)} is not a number of milliseconds`);
  return problems;
}
