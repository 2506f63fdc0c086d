import { CodeDeploy } from "@aws-sdk/client-codedeploy";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { moveToItsEnd, rolloutOf } from "@fairway/conformance";
import type { CodeDeployGroup, EcsPlacement, ReleaseId } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { ecsMemory, ecsTarget } from "../ecs/ecs-target.ts";
import { awsSession } from "../session/aws-session.ts";
import { planController, switchController } from "./controller-switch.ts";

const role = "arn:aws:iam::123456789012:role/ecs-balances";
const wish = { role, withoutHooks: false };

describe.skipIf(!needs("moto"))("from CodeDeploy to ECS's own controller", () => {
  let aws: AwsDouble;
  let codeDeploy: CodeDeploy;
  let elb: ElasticLoadBalancingV2;
  let network: { readonly vpc: string; readonly subnets: readonly string[] };
  let count = 0;
  beforeAll(async () => {
    aws = await awsDouble();
    codeDeploy = new CodeDeploy({ region });
    elb = new ElasticLoadBalancingV2({ region });
    network = (await aws.knob("network")) as typeof network;
    await codeDeploy.createApplication({ applicationName: "shop", computePlatform: "ECS" });
  });
  afterAll(async () => {
    codeDeploy?.destroy();
    elb?.destroy();
    await aws?.close();
  });

  interface Made {
    readonly place: EcsPlacement & { readonly codeDeploy: CodeDeployGroup };
    readonly listener: string;
    readonly groups: readonly [string, string];
  }

  /** A service, its pair of target groups, its listeners and its deployment group, as the team's infrastructure makes them. */
  async function made(about: Partial<CodeDeployGroup> = {}, withTest = false): Promise<Made> {
    const name = `switched-${++count}`;
    const group = async (which: string): Promise<string> => {
      const { TargetGroups: [one] = [] } = await elb.createTargetGroup({
        ...{ Name: `${name}-${which}`, Protocol: "HTTP", Port: 80, VpcId: network.vpc, TargetType: "ip" },
      });
      return one?.TargetGroupArn ?? "";
    };
    const groups = [await group("blue"), await group("green")] as const;
    const { LoadBalancers: [lb] = [] } = await elb.createLoadBalancer({ Name: name, Subnets: [...network.subnets] });
    const listen = async (port: number, to: string): Promise<string> => {
      const { Listeners: [one] = [] } = await elb.createListener({
        LoadBalancerArn: lb?.LoadBalancerArn,
        ...{ Protocol: "HTTP", Port: port, DefaultActions: [{ Type: "forward", TargetGroupArn: to }] },
      });
      return one?.ListenerArn ?? "";
    };
    const listener = await listen(80, groups[0]);
    const test = withTest ? await listen(8080, groups[1]) : null;
    const place = await aws.service(name, 2, {
      deploymentController: { type: "CODE_DEPLOY" },
      loadBalancers: [{ targetGroupArn: groups[0], containerName: "web", containerPort: 8080 }],
    });
    await codeDeploy.createDeploymentGroup({
      applicationName: "shop",
      deploymentGroupName: name,
      serviceRoleArn: "arn:aws:iam::123456789012:role/codedeploy",
      ecsServices: [{ clusterName: "shop", serviceName: name }],
      loadBalancerInfo: {
        targetGroupPairInfoList: [
          {
            targetGroups: [{ name: `${name}-blue` }, { name: `${name}-green` }],
            prodTrafficRoute: { listenerArns: [listener] },
            ...(test === null ? {} : { testTrafficRoute: { listenerArns: [test] } }),
          },
        ],
      },
    });
    return {
      place: {
        ...place,
        codeDeploy: { ...{ application: "shop", group: name, configuration: null, hooks: {} }, ...about },
      },
      listener,
      groups,
    };
  }
  const session = () => awsSession({ region, account: null, profile: null, role: null });
  const sentTo = async (listener: string): Promise<unknown> =>
    (
      await elb.describeListeners({ ListenerArns: [listener] })
    ).Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups?.map(
      ({ TargetGroupArn: arn, Weight: weight }) => [arn, weight],
    );
  const serviceOf = async ({ service }: EcsPlacement) =>
    (await aws.ecs.describeServices({ cluster: "shop", services: [service] })).services?.[0];

  test("a plan says what would change and what after it, and changes nothing", async () => {
    const { place, listener, groups } = await made();
    const before = await sentTo(listener);
    const plan = await planController(session(), place, wish);
    expect(plan.refusals).toEqual([]);
    expect(plan.changes.join("\n")).toMatch(/CODE_DEPLOY → ECS/u);
    expect(plan.changes.join("\n")).toMatch(/switched-\d+-blue \(now\) and switched-\d+-green/u);
    expect(plan.after.join("\n")).toContain("take `codeDeploy`");
    expect(plan.back[0]).toContain(
      `--deployment-controller type=CODE_DEPLOY --load-balancers targetGroupArn=${groups[0]}`,
    );
    expect((await serviceOf(place))?.deploymentController?.type).toBe("CODE_DEPLOY");
    expect(await sentTo(listener)).toEqual(before);
  });

  test("carried out, traffic goes where it went, and ECS shifts the next release itself", async () => {
    const { place, listener, groups } = await made();
    const { digest: shown } = await planController(session(), place, wish);
    await switchController(session(), place, wish, shown);
    expect(await sentTo(listener)).toEqual([
      [groups[0], 1],
      [groups[1], 0],
    ]);
    const service = await serviceOf(place);
    expect(service).toMatchObject({ deploymentController: { type: "ECS" }, runningCount: 2 });
    expect(service?.loadBalancers?.[0]?.advancedConfiguration).toMatchObject({
      alternateTargetGroupArn: groups[1],
      roleArn: role,
    });
    const target = ecsTarget({
      placement: { ...place, codeDeploy: null },
      session: session(),
      memory: ecsMemory(),
      imageOf: (release) =>
        Promise.resolve({ reference: `registry.example/web@${digest(release)}`, env: { FAIRWAY_RELEASE: release } }),
    });
    const strategy = { name: "blue-green", bake: 0 } as const;
    const rollout = rolloutOf({ from: null, to: "r1" as ReleaseId, desired: 2, strategy });
    const world = { target, pass: () => aws.tick(), census: () => ({ alive: 0, ready: 0 }), close: () => undefined };
    expect(await moveToItsEnd(world, rollout)).toEqual({ phase: "succeeded" });
  });

  test("a test listener becomes ECS's test rule, and no rule needs both target groups", async () => {
    const { place, listener } = await made({}, true);
    const before = await elb.describeListeners({ ListenerArns: [listener] });
    const plan = await planController(session(), place, wish);
    await switchController(session(), place, wish, plan.digest);
    const after = await elb.describeListeners({ ListenerArns: [listener] });
    expect(after.Listeners?.[0]?.DefaultActions).toEqual(before.Listeners?.[0]?.DefaultActions);
    expect((await serviceOf(place))?.loadBalancers?.[0]?.advancedConfiguration?.testListenerRule).toMatch(
      /:listener-rule\//u,
    );
  });

  test("cut off between the rules and the service it is made again as it was shown, and not while a deployment has begun", async () => {
    const { place, listener, groups } = await made();
    const { digest: shown } = await planController(session(), place, wish);
    let looks = 0;
    const deployedMeanwhile = async (): Promise<void> => {
      if (++looks === 2) throw new FairwayError("not_allowed_now", "run 7 changes production");
    };
    const cut = switchController(session(), place, wish, shown, deployedMeanwhile);
    await expect(cut).rejects.toMatchObject({ message: "run 7 changes production" });
    expect((await serviceOf(place))?.deploymentController?.type).toBe("CODE_DEPLOY");
    expect(await sentTo(listener)).toEqual([
      [groups[0], 1],
      [groups[1], 0],
    ]);
    await switchController(session(), place, wish, shown);
    expect((await serviceOf(place))?.deploymentController?.type).toBe("ECS");
  });

  test("what has changed since it was shown is not carried out", async () => {
    const { place } = await made();
    const { digest: shown } = await planController(session(), place, wish);
    const other = { ...wish, role: `${role}-2` };
    await expect(switchController(session(), place, other, shown)).rejects.toMatchObject({ code: "not_allowed_now" });
    expect((await serviceOf(place))?.deploymentController?.type).toBe("CODE_DEPLOY");
  });

  test("it is refused with the reason", async () => {
    const { place } = await made({ hooks: { AfterAllowTestTraffic: "smoke" } });
    const reasons = async (
      of: typeof place,
      given: { role: string | null; withoutHooks: boolean } = wish,
    ): Promise<string> => (await planController(session(), of, given)).refusals.join("\n");
    expect(await reasons(place, { role: null, withoutHooks: false })).toMatch(
      /smoke \(AfterAllowTestTraffic\)[^]*name it with --role/u,
    );
    expect(await reasons(place, { role, withoutHooks: true })).toBe("");
    expect(await reasons({ ...place, codeDeploy: { ...place.codeDeploy, group: "gone" } })).toContain(
      "there is no deployment group shop/gone",
    );
    expect(await reasons({ ...place, service: "gone" })).toContain("there is no service gone");
    const own = await aws.service("own-controller", 1);
    expect(await reasons({ ...own, codeDeploy: place.codeDeploy })).toContain(
      "the deployment controller of own-controller is ECS",
    );
    await expect(switchController(session(), place, wish, "")).rejects.toMatchObject({ code: "not_allowed_now" });
  });
});
