import type { Action, ElasticLoadBalancingV2, Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { RouteRule } from "@fairway/core";
import { rulesOf, tagsOfEach } from "../alb/alb-listener.ts";
import type { PreviewMarks } from "./preview-marks.ts";
import { awsTags, previewMarksOf } from "./preview-marks.ts";

/** A rule of a listener that was made for a preview. */
export interface PreviewRule {
  readonly arn: string;
  readonly marks: PreviewMarks;
  /** `pr-12.example.com/api`. */
  readonly route: string;
  /** The target group that it leads to; null where it leads to none. */
  readonly group: string | null;
}

const routeTag = "fairway:route";

/** Every rule of a listener that previews of an owner have. Those of others are not told of. */
export async function previewRules(
  elb: ElasticLoadBalancingV2,
  listener: string,
  owner: string,
): Promise<readonly PreviewRule[]> {
  const rules = await rulesOf(elb, listener);
  const tags = await tagsOfEach(
    elb,
    rules.flatMap(({ RuleArn: arn }) => arn ?? []),
  );
  return rules.flatMap((rule) => {
    const own = (tags.get(rule.RuleArn ?? "") ?? []).map(({ Key: key, Value: value }) => ({ key, value }));
    const marks = previewMarksOf(own);
    const route = own.find(({ key }) => key === routeTag)?.value;
    if (marks === null || marks.owner !== owner || route === undefined) return [];
    return [{ arn: rule.RuleArn ?? "", marks, route, group: groupOf(rule) }];
  });
}

const groupOf = ({ Actions: [action] = [] }: Rule): string | null =>
  action?.TargetGroupArn ?? action?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn ?? null;

/**
 * Has the routes of a preview's service lead to a target group, and no others. Safe to repeat; what somebody else took the
 * place of in between is tried again by whoever calls.
 */
export async function leadTo(
  elb: ElasticLoadBalancingV2,
  listener: string,
  marks: PreviewMarks,
  routes: readonly RouteRule[],
  group: string,
): Promise<void> {
  const there = (await previewRules(elb, listener, marks.owner)).filter((rule) => isOf(rule, marks));
  const wanted = new Map(routes.map((route) => [`${route.host}${route.path}`, route]));
  const action: Action = { Type: "forward", ForwardConfig: { TargetGroups: [{ TargetGroupArn: group, Weight: 1 }] } };
  for (const rule of there)
    if (!wanted.has(rule.route)) await elb.deleteRule({ RuleArn: rule.arn });
    else if (rule.group !== group) await elb.modifyRule({ RuleArn: rule.arn, Actions: [action] });
  for (const [name, route] of wanted) {
    if (there.some((rule) => rule.route === name)) continue;
    const taken = new Set((await rulesOf(elb, listener)).map(({ Priority: priority }) => priority));
    await elb.createRule({
      ListenerArn: listener,
      Priority: priorityFor(route, taken),
      Conditions: [
        { Field: "host-header", HostHeaderConfig: { Values: [route.host] } },
        { Field: "path-pattern", PathPatternConfig: { Values: [...pathsOf(route.path)] } },
      ],
      Actions: [action],
      Tags: [...awsTags(marks), { Key: routeTag, Value: name }],
    });
  }
}

/** Takes away the rules of a preview's service. */
export async function leadNowhere(elb: ElasticLoadBalancingV2, listener: string, marks: PreviewMarks): Promise<void> {
  for (const rule of await previewRules(elb, listener, marks.owner))
    if (isOf(rule, marks)) await elb.deleteRule({ RuleArn: rule.arn });
}

const isOf = ({ marks }: PreviewRule, { environment, service }: PreviewMarks): boolean =>
  marks.environment === environment && marks.service === service;

/** `/api` takes `/api` and what is below it, not `/apix`. */
const pathsOf = (path: string): readonly string[] => {
  const base = path.endsWith("/") ? path.slice(0, -1) : path;
  return base === "" ? ["/*"] : [base, `${base}/*`];
};

/**
 * The first rule that fits has a request, so longer paths come first; a listener has at most 100 rules, which is as many as a
 * length has places.
 */
function priorityFor({ path }: RouteRule, taken: ReadonlySet<string | undefined>): number {
  let place = 30_000 - 100 * Math.min(path.length, 250);
  while (taken.has(String(place))) place += 1;
  return place;
}
