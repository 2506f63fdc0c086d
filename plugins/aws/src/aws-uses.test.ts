import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { ECR } from "@aws-sdk/client-ecr";
import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { S3 } from "@aws-sdk/client-s3";
import { memoryRouter, routeTo } from "@fairway/conformance";
import type { AwsAccess, BalancerPlacement, PlatformQuestion } from "@fairway/core";
import { withRoute } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../tools/skips.ts";
import type { AwsDouble } from "../fixtures/double.ts";
import { awsDouble, placementOn, region } from "../fixtures/double.ts";
import type { AwsUses } from "./aws-uses.ts";
import { awsUses } from "./aws-uses.ts";
import { openAws } from "./open-aws.ts";

const access: AwsAccess = { region, account: "123456789012", profile: null, role: null };
const host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";

describe.skipIf(!needs("moto"))("what Fairway does with AWS besides running services", () => {
  let aws: AwsDouble;
  let uses: AwsUses;
  let elb: ElasticLoadBalancingV2;
  let ecr: ECR;
  let cloudwatch: CloudWatch;
  let s3: S3;
  let network: { readonly vpc: string; readonly subnets: readonly string[] };
  beforeAll(async () => {
    aws = await awsDouble();
    uses = awsUses(openAws());
    elb = new ElasticLoadBalancingV2({ region });
    ecr = new ECR({ region });
    cloudwatch = new CloudWatch({ region });
    s3 = new S3({ region, forcePathStyle: true });
    network = (await aws.knob("network")) as typeof network;
    const CreateBucketConfiguration = { LocationConstraint: region } as const;
    await s3.createBucket({ Bucket: "tables", CreateBucketConfiguration });
    await s3.createBucket({ Bucket: "evidence", CreateBucketConfiguration, ObjectLockEnabledForBucket: true });
  });
  afterAll(async () => {
    for (const client of [elb, ecr, cloudwatch, s3]) client.destroy();
    await aws.close();
  });

  const question = (over: Partial<PlatformQuestion> = {}): PlatformQuestion => ({
    environment: "production",
    images: [],
    since: new Date(0),
    ...over,
  });

  async function listener(name: string, action?: Action): Promise<string> {
    const { LoadBalancers: [lb] = [] } = await elb.createLoadBalancer({ Name: name, Subnets: [...network.subnets] });
    const { Listeners: [made] = [] } = await elb.createListener({
      LoadBalancerArn: lb?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [action ?? { Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }],
    });
    return made?.ListenerArn ?? "";
  }

  test("a load balancer follows the router of the machine, and its targets are asked about", async () => {
    const balancer: BalancerPlacement = {
      access,
      listener: await listener("front"),
      vpc: network.vpc,
      address: "10.0.1.12",
      tables: { bucket: "tables", prefix: "front/" },
    };
    const targets = { asks: "targets", balancers: [balancer] } as const;
    expect(await uses.askPlatform(targets, question())).toMatchObject({ verdict: "failed" });
    const own = memoryRouter();
    const router = uses.balanced(own, balancer, "production/web");
    const route = {
      ...routeTo([{ replica: "web.0", host: "127.0.0.1", port: 8001 }]),
      rules: [{ host: "shop.test", path: "/" }],
    };
    expect(await router.write(withRoute(await router.read(), "production/web", route))).toMatchObject({
      outcome: "written",
    });
    const rules = (await elb.describeRules({ ListenerArn: balancer.listener })).Rules ?? [];
    expect(rules.filter(({ IsDefault }) => IsDefault !== true)).toHaveLength(1);
    expect(await uses.askPlatform(targets, question())).toEqual({
      verdict: "passed",
      summary: "1 replicas are behind the load balancer",
    });
    const both = { asks: "targets", balancers: [{ ...balancer, services: ["web", "api"] }] } as const;
    expect(await uses.askPlatform(both, question())).toEqual({
      verdict: "failed",
      summary: "no replica of api is registered at the load balancer",
    });
    expect((await own.read()).routes["production/web"]?.groups[0]?.endpoints[0]?.host).toBe("127.0.0.1");
  });

  test("credentials of another account than that which is meant change nothing", async () => {
    const wrong = { ...access, account: "999999999999" };
    const asked = uses.askPlatform({ asks: "alarms", access: wrong, alarms: ["a"] }, question());
    await expect(asked).rejects.toMatchObject({
      code: "denied",
      message: expect.stringMatching(/not of 999999999999/u),
    });
  });

  test("what ECR found in the images of a release is a check, and a grave finding in one of them is a no", async () => {
    await ecr.createRepository({ repositoryName: "shop/api" });
    const { image } = await ecr.putImage({
      repositoryName: "shop/api",
      imageManifest: JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.docker.distribution.manifest.v2+json",
        config: {
          mediaType: "application/vnd.docker.container.image.v1+json",
          size: 2,
          digest: `sha256:${"1".repeat(64)}`,
        },
        layers: [],
      }),
      imageTag: "one",
    });
    const images = [{ service: "api", image: `${host}/shop/api`, digest: image?.imageId?.imageDigest ?? "" }];
    const scan = { asks: "scan", failsAt: "HIGH" } as const;
    expect(await uses.askPlatform(scan, question({ images }))).toBeNull();
    expect(await uses.askPlatform(scan, question({ images }))).toMatchObject({
      verdict: "failed",
      summary: expect.stringMatching(/^api: .*high/u),
    });
    expect(await uses.askPlatform({ ...scan, failsAt: "CRITICAL" }, question({ images }))).toMatchObject({
      verdict: "passed",
    });
    expect(await uses.askPlatform(scan, question())).toMatchObject({ verdict: "inconclusive" });
    const elsewhere = [{ service: "api", image: "registry.example/api", digest: "sha256:1" }];
    await expect(uses.askPlatform(scan, question({ images: elsewhere }))).rejects.toMatchObject({
      code: "not_allowed_now",
    });
  });

  test("images that releases need are held, and what stands against it is told", async () => {
    await ecr.createRepository({ repositoryName: "shop/held" });
    await ecr.putLifecyclePolicy({
      repositoryName: "shop/held",
      lifecyclePolicyText: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 3 },
            action: { type: "expire" },
          },
        ],
      }),
    });
    const gone = `sha256:${"0".repeat(64)}`;
    expect(await uses.holdImages(host, "shop/held", [gone], "mine")).toEqual([
      `shop/held@${gone} is needed by a release, and is not there`,
      "the lifecycle policy of shop/held: rule 1 may expire any image, also those that releases need",
    ]);
    expect(await uses.holdImages("registry.example", "shop/held", [gone], "mine")).toBeNull();
  });

  test("alarms answer a check, and numbers an analysis", async () => {
    await aws.alarm("loud", "ALARM");
    expect(await uses.askPlatform({ asks: "alarms", access, alarms: ["loud"] }, question())).toEqual({
      verdict: "failed",
      summary: "loud fires",
    });
    const metrics = uses.metrics({ access, window: 300_000 });
    expect(await metrics.ask("alarm loud")).toBe(1);
    const canary = { asks: "canary", access, canary: "nobody" } as const;
    expect(await uses.askPlatform(canary, question({ since: new Date(Date.now() - 300_000) }))).toBeNull();
  });

  test("the dashboard of a service shows the load balancer that brings its traffic", async () => {
    const { TargetGroups: [group] = [] } = await elb.createTargetGroup({
      Name: "shown",
      Protocol: "HTTP",
      Port: 80,
      VpcId: network.vpc,
      TargetType: "ip",
    });
    const targetGroupArn = group?.TargetGroupArn ?? "";
    await listener("shown", { Type: "forward", TargetGroupArn: targetGroupArn });
    const placement = await aws.service("shown", 1, {
      loadBalancers: [{ targetGroupArn, containerName: "web", containerPort: 80 }],
    });
    await uses.dashboard({ environment: "production", service: "api", placement });
    const { DashboardBody = "{}" } = await cloudwatch.getDashboard({ DashboardName: "fairway-production-api" });
    expect(DashboardBody).toContain(
      '"AWS/ApplicationELB","HTTPCode_Target_5XX_Count","TargetGroup","targetgroup/shown/',
    );
    await uses.dashboard({ environment: "production", service: "bare", placement: placementOn("shown") });
  });

  test("what was deployed is archived once, held, and never written over", async () => {
    const archive = { bucket: "evidence", prefix: "shop/", hold: { mode: "governance", days: 30 } } as const;
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(await uses.archive({ access, archive }, "production/r1.zip", bytes("one"))).toBe(true);
    expect(await uses.archive({ access, archive }, "production/r1.zip", bytes("more is known"))).toBe(false);
    await expect(
      uses.archive({ access, archive: { ...archive, bucket: "tables" } }, "r1.zip", bytes("one")),
    ).rejects.toMatchObject({ code: "not_allowed_now", message: expect.stringMatching(/has no object lock/u) });
    const nowhere = { bucket: "nowhere", prefix: "", hold: null };
    await expect(uses.archive({ access, archive: nowhere }, "r1.zip", bytes("one"))).rejects.toThrow("NoSuchBucket");
    const { ObjectLockMode, Metadata, ContentType } = await s3.headObject({
      Bucket: "evidence",
      Key: "shop/production/r1.zip",
    });
    expect({ ObjectLockMode, ContentType }).toEqual({ ObjectLockMode: "GOVERNANCE", ContentType: "application/zip" });
    expect(Metadata?.["fairway-sha256"]).toMatch(/^[0-9a-f]{64}$/u);
  });
});
