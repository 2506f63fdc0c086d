import type { HeaderLines } from "../http1/header-lines.ts";
import type { EndpointState } from "../proxy/endpoint-state.ts";
import type { GroupPlan, RouteAudience, RoutePlan } from "./routing-plan.ts";

/** The endpoint that gets a request, and the group it is counted for. */
export interface Choice<State extends EndpointState> {
  readonly group: GroupPlan<State>;
  readonly endpoint: State;
}

/**
 * Chooses a group by weight among those with somebody to answer, then the endpoint with the fewest open requests.
 * Undefined when nobody is there. Endpoints in `tried` are left out.
 *
 * Weights are dealt out, not drawn: each group earns its weight per request and pays the total when it is taken, so
 * that of every 100 requests a group of weight 10 in 100 gets 10, not about 10.
 */
export function chooseEndpoint<State extends EndpointState>(
  route: RoutePlan<State>,
  tried: ReadonlySet<State> | undefined,
  now: number,
): Choice<State> | undefined {
  return chooseAmong(route.groups, tried, now);
}

/** The same for one request of a route whose requests are told apart. */
export interface AudienceChoice<State extends EndpointState> {
  readonly choice: Choice<State> | undefined;
  /** Which side a client is to be kept to from now on; undefined when nothing is new for it. */
  readonly side: "new" | "old" | undefined;
}

/**
 * Chooses for a client: the new release for those that always meet it, the release that the client was given to before,
 * and for all others by weight. Whoever belongs to a release of which nobody is there is answered by the other.
 */
export function chooseForClient<State extends EndpointState>(
  { groups }: Pick<RoutePlan<State>, "groups">,
  { newcomer, others, isMatch, sticky }: RouteAudience<State>,
  lines: HeaderLines,
  tried: ReadonlySet<State> | undefined,
  now: number,
): AudienceChoice<State> {
  const ofNew = (): Choice<State> | undefined => (newcomer === null ? undefined : chooseAmong([newcomer], tried, now));
  const matched = isMatch(lines) ? ofNew() : undefined;
  if (matched !== undefined) return { choice: matched, side: undefined };
  const known = sticky?.sideOf(lines);
  const kept = known === undefined ? undefined : known === "new" ? ofNew() : chooseAmong(others, tried, now);
  if (kept !== undefined) return { choice: kept, side: undefined };
  const choice = chooseAmong(groups, tried, now);
  if (sticky === null || known !== undefined || choice === undefined) return { choice, side: undefined };
  return { choice, side: choice.group === newcomer ? "new" : "old" };
}

function chooseAmong<State extends EndpointState>(
  groups: readonly GroupPlan<State>[],
  tried: ReadonlySet<State> | undefined,
  now: number,
): Choice<State> | undefined {
  if (groups.length === 1) {
    const group = groups[0] as GroupPlan<State>;
    const endpoint = leastBusy(group, tried, now);
    return endpoint === undefined ? undefined : { group, endpoint };
  }
  let best: Choice<State> | undefined;
  let total = 0;
  for (const group of groups) {
    const endpoint = leastBusy(group, tried, now);
    if (endpoint === undefined) continue;
    group.credit += group.weight;
    total += group.weight;
    if (best === undefined || group.credit > best.group.credit) best = { group, endpoint };
  }
  if (best !== undefined) best.group.credit -= total;
  return best;
}

function leastBusy<State extends EndpointState>(
  group: GroupPlan<State>,
  tried: ReadonlySet<State> | undefined,
  now: number,
): State | undefined {
  const { endpoints } = group;
  const count = endpoints.length;
  let best: State | undefined;
  group.turn = (group.turn + 1) % Math.max(count, 1);
  for (let i = 0; i < count; i++) {
    const endpoint = endpoints[(group.turn + i) % count] as State;
    if (!endpoint.availableAt(now) || tried?.has(endpoint)) continue;
    if (best === undefined || endpoint.inFlight < best.inFlight) best = endpoint;
  }
  return best;
}
