import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { S3 } from "@aws-sdk/client-s3";
import { routeTo, trafficRouterSuite } from "@fairway/conformance";
import type { Endpoint, ReleaseId, Route } from "@fairway/core";
import { withRoute } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import type { AwsSessionOptions } from "../session/aws-session.ts";
import { awsSession } from "../session/aws-session.ts";
import type { AlbRouter } from "./alb-router.ts";
import { albRouter } from "./alb-router.ts";

describe.skipIf(!needs("moto"))("an Application Load Balancer", () => {
  let aws: AwsDouble;
  let elb: ElasticLoadBalancingV2;
  let s3: S3;
  let count = 0;
  let network: { readonly vpc: string; readonly subnets: readonly string[] };
  beforeAll(async () => {
    aws = await awsDouble();
    elb = new ElasticLoadBalancingV2({ region });
    s3 = new S3({ region, forcePathStyle: true });
    await s3.createBucket({ Bucket: "tables", CreateBucketConfiguration: { LocationConstraint: region } });
    network = (await aws.knob("network")) as typeof network;
  });
  afterAll(async () => {
    elb.destroy();
    s3.destroy();
    await aws.close();
  });

  /** A listener of its own, and a router as a new daemon has it. */
  async function listener(): Promise<{
    readonly listener: string;
    readonly fresh: (onClient?: AwsSessionOptions["onClient"], again?: number) => AlbRouter;
  }> {
    const name = `lb-${++count}`;
    const { LoadBalancers: [lb] = [] } = await elb.createLoadBalancer({ Name: name, Subnets: [...network.subnets] });
    const { Listeners: [made] = [] } = await elb.createListener({
      LoadBalancerArn: lb?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }],
    });
    const arn = made?.ListenerArn ?? "";
    return {
      listener: arn,
      fresh: (onClient, again) =>
        albRouter({
          session: awsSession(
            { region, account: null, profile: null, role: null },
            onClient === undefined ? {} : { onClient },
          ),
          place: { listener: arn, vpc: network.vpc },
          tables: { bucket: "tables", prefix: "fairway/" },
          poll: 10,
          ...(again === undefined ? {} : { again }),
        }),
    };
  }

  trafficRouterSuite("an Application Load Balancer", async () => {
    const { fresh } = await listener();
    let port = 8000;
    return {
      router: fresh(),
      endpoint: (replica) => ({ replica, host: "10.0.0.7", port: ++port }),
      reopen: () => fresh(),
      close: () => undefined,
    };
  });

  const at = (replica: string, port: number): Endpoint => ({ replica, host: `10.0.0.${port - 8000}`, port });
  const two = (weight: number): Route => ({
    ...routeTo([]),
    rules: [{ host: "shop.test", path: "/api" }],
    groups: [
      { release: "r1" as ReleaseId, weight: 100 - weight, endpoints: [at("a.0", 8001)] },
      { release: "r2" as ReleaseId, weight, endpoints: [at("b.0", 8002)] },
    ],
  });
  const ownRules = async (
    arn: string,
  ): Promise<readonly { readonly conditions: unknown; readonly action: unknown; readonly priority: number }[]> =>
    ((await elb.describeRules({ ListenerArn: arn })).Rules ?? [])
      .filter(({ IsDefault }) => IsDefault !== true)
      .map(({ Conditions, Actions, Priority }) => ({
        conditions: Conditions?.map(({ Field, PathPatternConfig, HostHeaderConfig, HttpHeaderConfig }) => [
          Field,
          ...(PathPatternConfig?.Values ??
            HostHeaderConfig?.Values ?? [HttpHeaderConfig?.HttpHeaderName, ...(HttpHeaderConfig?.Values ?? [])]),
        ]),
        action:
          Actions?.[0]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight) ??
          Actions?.[0]?.FixedResponseConfig?.StatusCode,
        priority: Number(Priority),
      }))
      .toSorted((a, b) => a.priority - b.priority);
  const put = async (router: AlbRouter, name: string, route: Route): Promise<void> =>
    expect(await router.write(withRoute(await router.read(), name, route))).toMatchObject({ outcome: "written" });

  test("listeners that share a bucket carry only their own routes", async () => {
    const [staging, production] = [await listener(), await listener()];
    await put(staging.fresh(), "staging/api", two(10));
    await put(production.fresh(), "production/api", { ...two(20), rules: [{ host: "other.test", path: "/" }] });
    expect(Object.keys((await staging.fresh().read()).routes)).toEqual(["staging/api"]);
    expect(JSON.stringify(await ownRules(staging.listener))).not.toContain("other.test");
  });

  test("weights are those of a forward, and move without another rule", async () => {
    const { listener: arn, fresh } = await listener();
    const router = fresh();
    await put(router, "test/api", two(10));
    expect(await ownRules(arn)).toEqual([
      {
        conditions: [
          ["path-pattern", "/api", "/api/*"],
          ["host-header", "shop.test"],
        ],
        action: [90, 10],
        priority: 1000,
      },
    ]);
    const before = (await elb.describeRules({ ListenerArn: arn })).Rules?.map(({ RuleArn }) => RuleArn);
    await put(router, "test/api", two(50));
    expect(await ownRules(arn)).toMatchObject([{ action: [50, 50] }]);
    expect((await elb.describeRules({ ListenerArn: arn })).Rules?.map(({ RuleArn }) => RuleArn)).toEqual(before);
  });

  test("an audience is rules of its own before the others, and sticks", async () => {
    const { listener: arn, fresh } = await listener();
    const router = fresh();
    await put(router, "test/api", {
      ...two(10),
      audience: {
        release: "r2" as ReleaseId,
        sticky: true,
        match: { headers: { "X-Beta": "yes" }, cookies: { beta: "1" } },
      },
    });
    await put(router, "test/web", { ...routeTo([at("w.0", 8003)]), internalPath: "/test/web" });
    const rules = await ownRules(arn);
    expect(rules.map(({ action }) => action)).toEqual([[1], [1], [90, 10], [1]]);
    expect(
      rules
        .flatMap(({ conditions }) => JSON.stringify(conditions))
        .slice(0, 2)
        .toSorted(),
    ).toEqual([
      expect.stringContaining('["http-header","Cookie","*beta=1*"]'),
      expect.stringContaining('["http-header","X-Beta","yes"]'),
    ]);
    const { Rules = [] } = await elb.describeRules({ ListenerArn: arn });
    const weighted = Rules.find(({ Actions }) => Actions?.[0]?.ForwardConfig?.TargetGroups?.length === 2);
    expect(weighted?.Actions?.[0]?.ForwardConfig?.TargetGroupStickinessConfig).toMatchObject({ Enabled: true });
  });

  test("rules of others stay, and keep their place", async () => {
    const { listener: arn, fresh } = await listener();
    await elb.createRule({
      ListenerArn: arn,
      Priority: 1000,
      Conditions: [{ Field: "path-pattern", Values: ["/theirs"] }],
      Actions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "200" } }],
    });
    const router = fresh();
    await put(router, "test/api", two(10));
    expect((await ownRules(arn)).map(({ priority }) => priority)).toEqual([1000, 1001]);
    const { version } = await router.read();
    await router.write({ version, routes: {} });
    expect(await ownRules(arn)).toMatchObject([{ action: "200", priority: 1000 }]);
  });

  test("what no route leads to any more is let go, and its group goes", async () => {
    const { fresh } = await listener();
    const router = fresh();
    await put(router, "test/api", two(10));
    expect((await router.targets("test")).map(({ address }) => address).toSorted()).toEqual([
      "10.0.0.1:8001",
      "10.0.0.2:8002",
    ]);
    expect(await router.targets("another")).toEqual([]);
    expect(await router.targets("test")).toMatchObject([{ state: "healthy" }, { state: "healthy" }]);
    await put(router, "test/api", routeTo([at("b.0", 8002)]));
    await put(router, "test/api", routeTo([at("b.0", 8002)], 2));
    expect((await router.targets("test")).map(({ address }) => address)).toEqual(["10.0.0.2:8002"]);
  });

  test("without a replica it answers 503, under maintenance too, and limits are refused", async () => {
    const { listener: arn, fresh } = await listener();
    const router = fresh();
    await put(router, "test/api", routeTo([]));
    expect(await ownRules(arn)).toMatchObject([{ action: "503" }]);
    await put(router, "test/api", { ...routeTo([at("a.0", 8001)]), maintenance: { message: "back soon" } });
    expect(await ownRules(arn)).toMatchObject([{ action: "503" }]);
    const before = await router.read();
    await expect(
      router.write(withRoute(before, "test/api", { ...routeTo([]), limits: { bodyBytes: 10 } })),
    ).rejects.toMatchObject({ code: "not_allowed_now", message: expect.stringMatching(/has limits/u) });
    expect(await router.read()).toEqual(before);
  });

  test("who was held up in the middle of an older table leaves the newer one", async () => {
    const { listener: arn, fresh } = await listener();
    let isHeld = false;
    let reached = (): void => undefined;
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (reached = resolve));
    const free = new Promise<void>((resolve) => (letGo = resolve));
    const slow = fresh((client) =>
      client.middlewareStack.add(
        (next, context) => async (args) => {
          if (isHeld && context.commandName === "ModifyRuleCommand") {
            isHeld = false;
            reached();
            await free;
          }
          return next(args);
        },
        { step: "initialize" },
      ),
    );
    await put(slow, "test/api", two(10));
    const table = withRoute(await slow.read(), "test/api", two(20));
    isHeld = true;
    const older = slow.write(table);
    await held;
    await put(fresh(), "test/api", two(50));
    letGo();
    await older;
    expect(await ownRules(arn)).toMatchObject([{ action: [50, 50] }]);
  });

  test("a listener that somebody else has changed is made to follow again", async () => {
    const { listener: arn, fresh } = await listener();
    const router = fresh(undefined, 0);
    await put(router, "test/api", two(10));
    for (const rule of (await elb.describeRules({ ListenerArn: arn })).Rules ?? [])
      if (rule.IsDefault !== true) await elb.deleteRule({ RuleArn: rule.RuleArn });
    await router.read();
    expect(await ownRules(arn)).toMatchObject([{ action: [90, 10] }]);
  });

  test("a replica that drains and is wanted again is registered again", async () => {
    const { fresh } = await listener();
    let isDraining = false;
    const registered: unknown[] = [];
    const router = fresh((client) =>
      client.middlewareStack.add(
        (next, context) => async (args) => {
          if (context.commandName === "RegisterTargetsCommand")
            registered.push((args.input as { readonly Targets?: unknown }).Targets);
          const reply = await next(args);
          if (!isDraining || context.commandName !== "DescribeTargetHealthCommand") return reply;
          const output = reply.output as { readonly TargetHealthDescriptions?: readonly object[] };
          const TargetHealthDescriptions = (output.TargetHealthDescriptions ?? []).map((each) => ({
            ...each,
            TargetHealth: { State: "draining", Reason: "Target.DeregistrationInProgress" },
          }));
          return { ...reply, output: { ...reply.output, TargetHealthDescriptions } };
        },
        { step: "initialize" },
      ),
    );
    await put(router, "test/api", routeTo([at("a.0", 8001)]));
    registered.length = 0;
    isDraining = true;
    await put(router, "test/api", routeTo([at("a.0", 8001)], 2));
    expect(registered).toEqual([[{ Id: "10.0.0.1", Port: 8001 }]]);
  });

  test("a daemon that died after the table was written makes the listener follow it", async () => {
    const { listener: arn, fresh } = await listener();
    await put(fresh(), "test/api", two(10));
    for (const rule of (await elb.describeRules({ ListenerArn: arn })).Rules ?? [])
      if (rule.IsDefault !== true) await elb.deleteRule({ RuleArn: rule.RuleArn });
    await fresh().read();
    expect(await ownRules(arn)).toMatchObject([{ action: [90, 10] }]);
  });
});
