import type {
  Action,
  ElasticLoadBalancingV2,
  Rule,
  Tag,
  TargetGroup,
  TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Endpoint } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import type { WantedGroup, WantedListener, WantedRule } from "./alb-rules.ts";

/** Which listener is Fairway's to write rules of; what others wrote there stays. */
export interface AlbPlace {
  readonly listener: string;
  readonly vpc: string;
}

const ownTag = "fairway:rule";

/**
 * Makes a listener so: targets are registered before a rule leads to them and taken away after none does. Safe to repeat;
 * what stopped in the middle goes on where it was.
 */
export async function applyListener(
  elb: ElasticLoadBalancingV2,
  place: AlbPlace,
  wanted: WantedListener,
): Promise<void> {
  const arns = new Map<string, string>();
  for (const group of wanted.groups) arns.set(group.name, await ensureGroup(elb, place, group));
  await applyRules(
    elb,
    place,
    wanted.rules.map((rule) => ({ ...rule, action: withArns(rule.action, arns) })),
  );
  for (const group of wanted.groups) await releaseTargets(elb, arns.get(group.name) ?? "", group);
  await clearGroups(elb, place, new Set(arns.values()));
}

async function ensureGroup(
  elb: ElasticLoadBalancingV2,
  { vpc, listener }: AlbPlace,
  group: WantedGroup,
): Promise<string> {
  const health = {
    HealthCheckPath: group.health.path,
    HealthCheckIntervalSeconds: between(5, group.health.interval / 1000, 300),
    HealthCheckTimeoutSeconds: between(2, group.health.timeout / 1000, 120),
  };
  const interval = Math.max(health.HealthCheckIntervalSeconds, health.HealthCheckTimeoutSeconds + 1);
  const found = await groupNamed(elb, group.name);
  let arn = found?.TargetGroupArn;
  if (arn === undefined) {
    const { TargetGroups: [made] = [] } = await elb.createTargetGroup({
      Name: group.name,
      Protocol: "HTTP",
      Port: 80,
      VpcId: vpc,
      TargetType: "ip",
      ...health,
      HealthCheckIntervalSeconds: interval,
      Tags: [
        { Key: "fairway:listener", Value: listener },
        { Key: "fairway:route", Value: group.route },
      ],
    });
    arn = made?.TargetGroupArn;
    if (arn === undefined)
      throw new FairwayError("target_unreachable", "elasticloadbalancing:CreateTargetGroup answered without one", {
        retryable: true,
      });
  }
  // One that drains is on its way out: it is registered again where it is wanted.
  const there = new Set(
    (await healthOf(elb, arn)).filter(({ TargetHealth: health }) => health?.State !== "draining").map(addressOf),
  );
  const missing = group.targets.filter(({ host, port }) => !there.has(`${host}:${port}`));
  if (missing.length > 0)
    await elb.registerTargets({
      TargetGroupArn: arn,
      Targets: missing.map(({ host, port }) => ({ Id: host, Port: port })),
    });
  return arn;
}

async function releaseTargets(elb: ElasticLoadBalancingV2, arn: string, { targets }: WantedGroup): Promise<void> {
  const wanted = new Set(targets.map(({ host, port }) => `${host}:${port}`));
  const gone = (await healthOf(elb, arn)).filter(
    (each) => !wanted.has(addressOf(each)) && each.TargetHealth?.State !== "draining",
  );
  if (gone.length > 0)
    await elb.deregisterTargets({
      TargetGroupArn: arn,
      Targets: gone.map(({ Target: target }) => ({ Id: target?.Id, Port: target?.Port })),
    });
}

/** Target groups of no release any more: their targets are let go, and once none drains the group goes too. */
async function clearGroups(elb: ElasticLoadBalancingV2, place: AlbPlace, kept: ReadonlySet<string>): Promise<void> {
  for (const { TargetGroupArn: arn = "" } of await ownGroups(elb, place)) {
    if (kept.has(arn)) continue;
    const left = await healthOf(elb, arn);
    const open = left.filter(({ TargetHealth: health }) => health?.State !== "draining");
    if (open.length > 0)
      await elb.deregisterTargets({
        TargetGroupArn: arn,
        Targets: open.map(({ Target: target }) => ({ Id: target?.Id, Port: target?.Port })),
      });
    if (left.length === 0) await elb.deleteTargetGroup({ TargetGroupArn: arn });
  }
}

/** The target groups that were made for this listener, of all routes or of those whose names begin so. */
export async function ownGroups(
  elb: ElasticLoadBalancingV2,
  { listener }: AlbPlace,
  routes = "",
): Promise<readonly (TargetGroup & { readonly route: string })[]> {
  const found: TargetGroup[] = [];
  let marker: string | undefined;
  do {
    const page = await elb.describeTargetGroups(marker === undefined ? {} : { Marker: marker });
    found.push(...(page.TargetGroups ?? []).filter(({ TargetGroupName: name = "" }) => name.startsWith("fw-")));
    marker = page.NextMarker;
  } while (marker !== undefined && marker !== "");
  const tags = await tagsOfEach(
    elb,
    found.flatMap(({ TargetGroupArn: arn }) => arn ?? []),
  );
  const tag = (arn: string, key: string): string => tags.get(arn)?.find(({ Key }) => Key === key)?.Value ?? "";
  return found
    .map((group) => ({ ...group, route: tag(group.TargetGroupArn ?? "", "fairway:route") }))
    .filter(
      ({ TargetGroupArn: arn = "", route }) => tag(arn, "fairway:listener") === listener && route.startsWith(routes),
    );
}

async function applyRules(
  elb: ElasticLoadBalancingV2,
  { listener }: AlbPlace,
  wanted: readonly WantedRule[],
): Promise<void> {
  const all = await rulesOf(elb, listener);
  const tags = await tagsOf(
    elb,
    all.flatMap(({ RuleArn: arn }) => arn ?? []),
    ownTag,
  );
  const own = new Map<string, Rule>();
  for (const rule of all) {
    const key = tags.get(rule.RuleArn ?? "");
    if (key !== undefined) own.set(key, rule);
  }
  const taken = new Set(all.map(({ Priority: priority }) => priority));
  const keys = new Set(wanted.map(({ key }) => key));
  const order: { readonly arn: string; readonly priority: number }[] = [];
  for (const rule of wanted) {
    const there = own.get(rule.key);
    const content = { Conditions: [...rule.conditions], Actions: [rule.action] };
    if (there?.RuleArn !== undefined) {
      // It costs one call and needs no comparison of what AWS adds to it.
      await elb.modifyRule({ RuleArn: there.RuleArn, ...content });
      order.push({ arn: there.RuleArn, priority: Number(there.Priority) });
      continue;
    }
    const priority = lastFree(taken);
    taken.add(String(priority));
    const { Rules: [made] = [] } = await elb.createRule({
      ListenerArn: listener,
      Priority: priority,
      ...content,
      Tags: [{ Key: ownTag, Value: rule.key }],
    });
    if (made?.RuleArn !== undefined) order.push({ arn: made.RuleArn, priority });
  }
  for (const [key, { RuleArn: arn }] of own)
    if (!keys.has(key) && arn !== undefined) await elb.deleteRule({ RuleArn: arn });
  if (order.every(({ priority }, at) => priority > (order[at - 1]?.priority ?? 0) && priority < newest)) return;
  // All of them at once, to where none is: nobody sees half of an order.
  const places = freePlaces(order.length, taken);
  await elb.setRulePriorities({
    RulePriorities: order.map(({ arn }, at) => ({ RuleArn: arn, Priority: places[at] ?? 0 })),
  });
}

/** From here on are those that were just made, and have no place yet. */
const newest = 40_000;

/** So many priorities that nobody has, in their order. */
function freePlaces(count: number, taken: ReadonlySet<string | undefined>): readonly number[] {
  const places: number[] = [];
  for (let place = 1000; places.length < count; place++) if (!taken.has(String(place))) places.push(place);
  return places;
}

function lastFree(taken: ReadonlySet<string | undefined>): number {
  let place = 50_000;
  while (taken.has(String(place))) place--;
  return place;
}

/** Every rule of a listener but its default. */
export async function rulesOf(elb: ElasticLoadBalancingV2, listener: string): Promise<readonly Rule[]> {
  const found: Rule[] = [];
  let marker: string | undefined;
  do {
    const page = await elb.describeRules({
      ListenerArn: listener,
      ...(marker === undefined ? {} : { Marker: marker }),
    });
    found.push(...(page.Rules ?? []));
    marker = page.NextMarker;
  } while (marker !== undefined && marker !== "");
  return found.filter(({ IsDefault: isDefault }) => isDefault !== true);
}

/** The value of one tag of each resource that has it. */
async function tagsOf(
  elb: ElasticLoadBalancingV2,
  arns: readonly string[],
  key: string,
): Promise<ReadonlyMap<string, string>> {
  const all = await tagsOfEach(elb, arns);
  return new Map(
    [...all].flatMap(([arn, tags]) =>
      tags.flatMap(({ Key, Value }) => (Key === key && Value !== undefined ? [[arn, Value]] : [])),
    ),
  );
}

/** The tags of each resource. AWS tells of twenty at a time. */
export async function tagsOfEach(
  elb: ElasticLoadBalancingV2,
  arns: readonly string[],
): Promise<ReadonlyMap<string, readonly Tag[]>> {
  const found = new Map<string, readonly Tag[]>();
  for (let from = 0; from < arns.length; from += 20) {
    const { TagDescriptions: told = [] } = await elb.describeTags({ ResourceArns: arns.slice(from, from + 20) });
    for (const { ResourceArn: arn = "", Tags: tags = [] } of told) found.set(arn, tags);
  }
  return found;
}

/** The target group of a name; undefined where there is none. */
export async function groupNamed(elb: ElasticLoadBalancingV2, name: string): Promise<TargetGroup | undefined> {
  try {
    return (await elb.describeTargetGroups({ Names: [name] })).TargetGroups?.[0];
  } catch (thrown) {
    if (awsErrorName(thrown) === "TargetGroupNotFoundException") return undefined;
    throw thrown;
  }
}

/** How the targets of a group do, as AWS says it. */
export async function healthOf(elb: ElasticLoadBalancingV2, arn: string): Promise<readonly TargetHealthDescription[]> {
  const { TargetHealthDescriptions: found = [] } = await elb.describeTargetHealth({ TargetGroupArn: arn });
  return found.filter(({ TargetHealth: health }) => health?.Reason !== "Target.NotRegistered");
}

/** `10.0.1.7:8080`, of a target or of an endpoint. */
export const addressOf = (of: TargetHealthDescription | Endpoint): string =>
  "Target" in of ? `${of.Target?.Id}:${of.Target?.Port}` : "host" in of ? `${of.host}:${of.port}` : "";

const withArns = (action: Action, arns: ReadonlyMap<string, string>): Action =>
  action.ForwardConfig === undefined
    ? action
    : {
        ...action,
        ForwardConfig: {
          ...action.ForwardConfig,
          TargetGroups: (action.ForwardConfig.TargetGroups ?? []).map((each) => ({
            ...each,
            TargetGroupArn: arns.get(each.TargetGroupArn ?? "") ?? each.TargetGroupArn,
          })),
        },
      };

const between = (least: number, value: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)));
