import { createHash } from "node:crypto";
import type { DeploymentGroupInfo } from "@aws-sdk/client-codedeploy";
import type { Service, UpdateServiceCommandInput } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2, Rule, TargetGroupTuple } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { CodeDeployGroup, ControllerPlan, ControllerWish, EcsPlacement } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { groupNamed } from "../alb/alb-listener.ts";
import type { AwsSession } from "../session/aws-session.ts";
import { groupProblems } from "./group-problems.ts";

interface Wanted extends ControllerPlan {
  readonly update: Omit<UpdateServiceCommandInput, "cluster" | "service"> | null;
  /** Rules that must name both target groups first. */
  readonly rules: readonly { readonly rule: Rule; readonly groups: TargetGroupTuple[] }[];
}

type Placed = EcsPlacement & { readonly codeDeploy: CodeDeployGroup };

/** Looks at a service and plans the switch. Changes nothing. */
export async function planController(
  session: AwsSession,
  placement: Placed,
  wish: ControllerWish,
): Promise<ControllerPlan> {
  const { update: _request, rules: _rules, ...plan } = await wanted(session, placement, wish);
  return plan;
}

/**
 * Makes the switch that was planned: the rules first, which send as before, then the controller in one call. Safe to repeat
 * until it is made: rules that an earlier try has changed change nothing of the plan's digest. `mayStill` is asked right before
 * either, and throws where a deployment has begun meanwhile. Throws `not_allowed_now` where it is not possible, or is not what
 * was shown.
 */
export async function switchController(
  session: AwsSession,
  placement: Placed,
  wish: ControllerWish,
  digest: string,
  mayStill: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { cluster, service } = placement;
  const plan = await wanted(session, placement, wish);
  if (plan.update === null)
    throw new FairwayError("not_allowed_now", `${service} cannot be switched`, { problems: plan.refusals });
  if (plan.digest !== digest)
    throw new FairwayError("not_allowed_now", `what ${service} has at AWS is not what was shown`, {
      hint: "look at the plan again",
    });
  await mayStill();
  const elb = await session.elbv2();
  for (const { rule, groups } of plan.rules) await forwardTo(elb, rule, groups);
  const ecs = await session.ecs();
  await mayStill();
  const { service: updated } = await ecs.updateService({ ...plan.update, cluster, service });
  if (updated?.deploymentController?.type !== "ECS")
    throw new FairwayError("target_unreachable", `ECS took the switch of ${service} and shows another controller`, {
      retryable: true,
    });
}

async function wanted(session: AwsSession, placement: Placed, wish: ControllerWish): Promise<Wanted> {
  const { cluster, service, codeDeploy } = placement;
  const ecs = await session.ecs();
  const { services: [found] = [] } = await ecs.describeServices({ cluster, services: [service] });
  const refused = (...refusals: string[]): Wanted => ({
    ...{ digest: "", refusals, changes: [], after: [], back: [], update: null, rules: [] },
  });
  if (found?.status !== "ACTIVE") return refused(`there is no service ${service} in cluster ${cluster}`);
  const controller = found.deploymentController?.type ?? "ECS";
  if (controller !== "CODE_DEPLOY")
    return refused(
      `the deployment controller of ${service} is ${controller}, not CODE_DEPLOY; take \`codeDeploy\` out of the configuration`,
    );
  const group = await groupProblems(session, placement, { strategy: { name: "blue-green", bake: 0 } });
  const refusals = [...group.lasting, ...group.forNow];
  const live = (found.taskSets ?? []).filter(({ status }) => status !== "DRAINING");
  if (live.length !== 1)
    refusals.push(`${service} has ${live.length} task sets, and its old one must have ended before; wait until it has`);
  const hooks = Object.entries(codeDeploy.hooks);
  if (hooks.length > 0 && !wish.withoutHooks)
    refusals.push(
      `CodeDeploy calls ${hooks.map(([at, name]) => `${name} (${at})`).join(", ")}, which answer to CodeDeploy and not to ECS; write them anew as lifecycle hooks, or let \`verify\` checks take their place, and say --without-hooks`,
    );
  if (wish.role === null)
    refusals.push(
      "ECS changes the load balancer with a role of its own; name it with --role (AmazonECSInfrastructureRolePolicyForLoadBalancers)",
    );
  if (refusals.length > 0) return refused(...refusals);
  const { deploymentGroupInfo: info = {} } = await (
    await session.codeDeploy()
  ).getDeploymentGroup({
    applicationName: codeDeploy.application,
    deploymentGroupName: codeDeploy.group,
  });
  return withBalancer(await session.elbv2(), placement, {
    found,
    live,
    info,
    role: wish.role ?? "",
    hooks: hooks.map(([at]) => at),
  });
}

interface Known {
  readonly found: Service;
  readonly live: NonNullable<Service["taskSets"]>;
  readonly info: DeploymentGroupInfo;
  readonly role: string;
  readonly hooks: readonly string[];
}

async function withBalancer(elb: ElasticLoadBalancingV2, placement: Placed, known: Known): Promise<Wanted> {
  const { info, live, role, found } = known;
  const { service } = placement;
  const refused = (refusal: string): Wanted => ({
    ...{ digest: "", refusals: [refusal], changes: [], after: [], back: [], update: null, rules: [] },
  });
  const [pair, another] = info.loadBalancerInfo?.targetGroupPairInfoList ?? [];
  const names = (pair?.targetGroups ?? []).flatMap(({ name }) => name ?? []);
  const [balanced] = live[0]?.loadBalancers ?? [];
  if (pair === undefined || another !== undefined || names.length !== 2 || balanced?.targetGroupArn === undefined)
    return refused(
      `the deployment group of ${service} must name one pair of target groups; ECS is told of one service's pair`,
    );
  const arns = (await Promise.all(names.map((name) => groupNamed(elb, name)))).flatMap(
    (group) => group?.TargetGroupArn ?? [],
  );
  const [own, other] = [
    arns.find((arn) => arn === balanced.targetGroupArn),
    arns.find((arn) => arn !== balanced.targetGroupArn),
  ];
  if (own === undefined || other === undefined)
    return refused(`the tasks of ${service} are in no target group of the pair ${names.join(", ")}`);
  const production = await ruleLeadingTo(elb, pair.prodTrafficRoute?.listenerArns ?? [], arns);
  if (typeof production === "string") return refused(`of production's listeners ${production}`);
  const testListeners = pair.testTrafficRoute?.listenerArns ?? [];
  const test = testListeners.length === 0 ? null : await ruleLeadingTo(elb, testListeners, arns);
  if (typeof test === "string") return refused(`of the test listeners ${test}`);
  const sends = forwarded(production);
  if (sends.some(({ TargetGroupArn: arn, Weight: weight }) => arn === other && weight !== 0) && sends.length > 1)
    return refused(`production's rule sends to both target groups of ${service}: a shift is under way, or was left`);
  // Both must be known to a rule, or ECS rolls its first deployment back: the one without tasks gets nothing.
  const both: TargetGroupTuple[] = [
    { TargetGroupArn: own, Weight: 1 },
    { TargetGroupArn: other, Weight: 0 },
  ];
  const rules = test === null && sends.length < 2 ? [{ rule: production, groups: both }] : [];
  const update: NonNullable<Wanted["update"]> = {
    deploymentController: { type: "ECS" },
    deploymentConfiguration: {
      strategy: "BLUE_GREEN",
      bakeTimeInMinutes:
        info.blueGreenDeploymentConfiguration?.terminateBlueInstancesOnDeploymentSuccess
          ?.terminationWaitTimeInMinutes ?? 0,
    },
    loadBalancers: [
      {
        targetGroupArn: own,
        containerName: balanced.containerName,
        containerPort: balanced.containerPort,
        advancedConfiguration: {
          alternateTargetGroupArn: other,
          productionListenerRule: production.RuleArn,
          ...(test === null ? {} : { testListenerRule: test.RuleArn }),
          roleArn: role,
        },
      },
    ],
  };
  const alarms = (info.alarmConfiguration?.alarms ?? []).flatMap(({ name }) => name ?? []);
  const missing = alarms.filter((name) => !placement.alarms.includes(name));
  const short = (arn: string | undefined): string => /targetgroup\/([^/]+)/u.exec(arn ?? "")?.[1] ?? arn ?? "";
  return {
    digest: createHash("sha256")
      .update(JSON.stringify([found.serviceArn, found.taskDefinition, live[0]?.id, update]))
      .digest("hex"),
    refusals: [],
    changes: [
      ...rules.map(
        ({ rule }) =>
          `rule ${rule.RuleArn}: forwards to ${short(own)} as before, and names ${short(other)} with weight 0`,
      ),
      `service ${service}: deploymentController CODE_DEPLOY → ECS, by UpdateService`,
      `service ${service}: blue/green between ${short(own)} (now) and ${short(other)}, production rule ${production.RuleArn}${test === null ? ", no test listener" : `, test rule ${test.RuleArn}`}, role ${role}`,
      ...(known.hooks.length === 0 ? [] : [`the functions at ${known.hooks.join(", ")} are called no more`]),
      "no task is replaced, and no traffic moves",
    ],
    after: [
      `take \`codeDeploy\` of ${service} out of the configuration, and out of your infrastructure as code, which would set it back`,
      ...(missing.length === 0 ? [] : [`name the group's alarms under \`alarms\`: ${missing.join(", ")}`]),
      "keep the deployment group until the first deployment has succeeded",
    ],
    back: [
      `before the first deployment by ECS: aws ecs update-service --cluster ${placement.cluster} --service ${service} --deployment-controller type=CODE_DEPLOY --load-balancers targetGroupArn=${own},containerName=${balanced.containerName},containerPort=${balanced.containerPort}`,
      "AWS documents the way from CODE_DEPLOY to ECS and none back, so that command may be refused: the service then stays with ECS, or is made anew with CODE_DEPLOY beside it",
      "no release needs the old controller: ECS's own rollback brings them back, with the controller that there is",
    ],
    update,
    rules,
  };
}

/** The rule of these listeners that leads to one of the target groups; a sentence where it is none or several. */
async function ruleLeadingTo(
  elb: ElasticLoadBalancingV2,
  listeners: readonly string[],
  groups: readonly string[],
): Promise<Rule | string> {
  const found: Rule[] = [];
  for (const listener of listeners) {
    let marker: string | undefined;
    do {
      const page = await elb.describeRules({
        ListenerArn: listener,
        ...(marker === undefined ? {} : { Marker: marker }),
      });
      found.push(
        ...(page.Rules ?? []).filter((rule) =>
          forwarded(rule).some(({ TargetGroupArn: arn = "" }) => groups.includes(arn)),
        ),
      );
      marker = page.NextMarker;
    } while (marker !== undefined && marker !== "");
  }
  const [rule, another] = found;
  if (rule === undefined) return "no rule leads to its target groups";
  return another === undefined ? rule : `${found.length} rules lead to its target groups, and ECS is told of one`;
}

const forwarded = ({ Actions: actions = [] }: Rule): readonly TargetGroupTuple[] => {
  const action = actions.find(({ Type: type }) => type === "forward");
  return (
    action?.ForwardConfig?.TargetGroups ??
    (action?.TargetGroupArn === undefined ? [] : [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }])
  );
};

/** Changes where a rule forwards to, and nothing else of it; the default of a listener is changed on the listener. */
async function forwardTo(elb: ElasticLoadBalancingV2, rule: Rule, groups: TargetGroupTuple[]): Promise<void> {
  const actions = (rule.Actions ?? []).map((action) => {
    if (action.Type !== "forward") return action;
    const { TargetGroupArn: _one, ...rest } = action;
    return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups: groups } };
  });
  if (rule.IsDefault !== true) {
    await elb.modifyRule({ RuleArn: rule.RuleArn, Actions: actions });
    return;
  }
  const listener = (rule.RuleArn ?? "").replace(":listener-rule/", ":listener/").replace(/\/[^/]+$/u, "");
  await elb.modifyListener({ ListenerArn: listener, DefaultActions: actions });
}
