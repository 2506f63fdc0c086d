import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { rolloutOf } from "@fairway/conformance";
import type { EcsPreviews, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { ecsPreviewPlacement, ecsPreviewPolicy, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, placementOn, region } from "../../fixtures/double.ts";
import type { Aws } from "../open-aws.ts";
import { openAws } from "../open-aws.ts";

const [r1, r2] = ["r1", "r2"] as ReleaseId[] as [ReleaseId, ReleaseId];
const health = { path: "/healthz", interval: 5_000, timeout: 2_000, startWithin: 60_000 };

describe.skipIf(!needs("moto"))("previews on ECS", () => {
  let aws: AwsDouble;
  let elb: ElasticLoadBalancingV2;
  let secrets: SecretsManager;
  let network: { readonly vpc: string; readonly subnets: readonly string[] };
  let listener = "";
  let daemon: Aws;
  let count = 0;
  let rollouts = 0;
  /** Every action of IAM that was asked for. */
  const actions = new Set<string>();
  const prefixes: Readonly<Record<string, string>> = {
    ECS: "ecs",
    ElasticLoadBalancingV2: "elasticloadbalancing",
    SecretsManager: "secretsmanager",
    CloudWatch: "cloudwatch",
  };
  beforeAll(async () => {
    aws = await awsDouble();
    elb = new ElasticLoadBalancingV2({ region });
    secrets = new SecretsManager({ region });
    network = (await aws.knob("network")) as typeof network;
    const { LoadBalancers: [lb] = [] } = await elb.createLoadBalancer({ Name: "lb", Subnets: [...network.subnets] });
    const { Listeners: [made] = [] } = await elb.createListener({
      LoadBalancerArn: lb?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }],
    });
    listener = made?.ListenerArn ?? "";
    daemon = openAws({
      onClient: (client) =>
        client.middlewareStack.add(
          (next, context) => (args) => {
            const [of, operation] = [String(context.clientName), String(context.commandName)].map((name) =>
              name.replace(/(?:Client|Command)$/u, ""),
            );
            actions.add(`${prefixes[of ?? ""] ?? of}:${operation}`);
            return next(args);
          },
          { step: "initialize" },
        ),
    });
    await aws.service("api", 2, {
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration: { subnets: [...network.subnets], securityGroups: [] } },
    });
  });
  afterAll(async () => {
    elb?.destroy();
    secrets?.destroy();
    await aws?.close();
  });

  const settings = (about: Partial<EcsPreviews> = {}): EcsPreviews => ({
    owner: "shop",
    region,
    account: null,
    profile: null,
    role: null,
    cluster: "shop",
    // Each look asks: nothing here waits for time.
    poll: 0,
    listener,
    protocol: "https",
    wake: { host: "10.0.9.9", port: 7080 },
    taskRole: null,
    ...about,
  });

  interface World {
    readonly environment: string;
    readonly target: Target;
    readonly fresh: (about?: Partial<EcsPreviews>) => Target;
    /** As another daemon reaches it. */
    readonly from: (daemon: Aws) => Target;
    readonly deploy: (rollout: Rollout) => Promise<Progress>;
  }

  function preview(values: Readonly<Record<string, string>> = {}): World {
    const environment = `pr-${++count}`;
    const fresh = (about: Partial<EcsPreviews> = {}, from: Aws = daemon): Target =>
      from.ecsTarget({
        placement: ecsPreviewPlacement(settings(about), placementOn("api"), environment, "api"),
        imageOf: async (release) => ({
          reference: `registry.example/api@${digest(release)}`,
          env: { FAIRWAY_RELEASE: release, PAYMENTS: "sandbox" },
        }),
        preview: {
          environment,
          service: "api",
          routes: [
            { host: `${environment}.example.com`, path: "/" },
            { host: `${environment}.example.com`, path: "/v1/" },
          ],
          health,
          port: 8080,
          secretsOf: async () => values,
        },
      });
    const target = fresh();
    return {
      environment,
      target,
      fresh: (about) => fresh(about, openAws()),
      from: (of) => fresh({}, of),
      async deploy(rollout) {
        for (let look = 0; look < 30; look++) {
          const progress = await target.advance(rollout, plainFacts);
          if (progress.phase !== "moving") return progress;
          await aws.tick();
        }
        throw new Error("it went on for 30 moments");
      },
    };
  }
  const rollout = (to: ReleaseId, from: ReleaseId | null = null, epoch = 1): Rollout => {
    const made = rolloutOf({
      from,
      to,
      desired: 1,
      strategy: { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 },
    });
    return { ...made, id: `R${++rollouts}/api` as Rollout["id"], token: { ...made.token, epoch } };
  };
  const rules = async (environment: string): Promise<readonly string[]> => {
    const { Rules: all = [] } = await elb.describeRules({ ListenerArn: listener });
    return all
      .filter(({ Conditions: of = [] }) =>
        of.some(({ HostHeaderConfig: host }) => host?.Values?.[0]?.startsWith(`${environment}.`)),
      )
      .toSorted((a, b) => Number(a.Priority) - Number(b.Priority))
      .map(({ Conditions: of = [], Actions: [action] = [] }) => {
        const paths = of.flatMap(({ PathPatternConfig: path }) => path?.Values ?? []);
        const group = action?.TargetGroupArn ?? action?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn ?? "";
        return `${paths.join(" ")} → ${/targetgroup\/(fw.)/u.exec(group)?.[1]}`;
      });
  };
  const named = (environment: string): string => `fwp-shop-${environment}-api`;
  const serviceOf = async (environment: string) => {
    const { services: [found] = [] } = await aws.ecs.describeServices({
      cluster: "shop",
      services: [named(environment)],
      include: ["TAGS"],
    });
    return found;
  };
  const definitionOf = async (environment: string) => {
    const arn = (await serviceOf(environment))?.taskDefinition ?? "";
    return (await aws.ecs.describeTaskDefinition({ taskDefinition: arn })).taskDefinition;
  };
  const taskGroup = async (environment: string): Promise<string> =>
    (await serviceOf(environment))?.loadBalancers?.[0]?.targetGroupArn ?? "";

  test("a service of its own is made from the environment's, behind rules for its hosts, without its secrets", async () => {
    const { environment, deploy } = preview();
    expect(await deploy(rollout(r1))).toEqual({ phase: "succeeded" });
    const service = await serviceOf(environment);
    expect(service).toMatchObject({ desiredCount: 1, runningCount: 1, launchType: "FARGATE" });
    expect(service?.networkConfiguration?.awsvpcConfiguration?.subnets).toEqual(network.subnets);
    expect(service?.tags).toEqual(expect.arrayContaining([{ key: "fairway:preview", value: environment }]));
    // The longer path has a request first.
    expect(await rules(environment)).toEqual(["/v1 /v1/* → fwp", "/* → fwp"]);
    const [container] = (await definitionOf(environment))?.containerDefinitions ?? [];
    expect(container?.image).toBe(`registry.example/api@${digest(r1)}`);
    expect(container?.secrets ?? []).toEqual([]);
    expect(container?.environment).toEqual(expect.arrayContaining([{ name: "PAYMENTS", value: "sandbox" }]));
    expect((await aws.census())["api"]).toMatchObject({ alive: 2 });
  });

  test("its own secret values are named by their version, and are in no task definition", async () => {
    const { environment, deploy } = preview({ DATABASE_URL: "postgres://u:hunter2@db/x" });
    await deploy(rollout(r1));
    const definition = await definitionOf(environment);
    const [reference] = definition?.containerDefinitions?.[0]?.secrets ?? [];
    expect(reference?.valueFrom).toMatch(
      /:secret:fairway\/previews\/shop\/pr-\d+\/api-\w+:DATABASE_URL::[0-9a-f]{64}$/u,
    );
    expect(JSON.stringify(definition)).not.toContain("hunter2");
  });

  test("a push replaces what it shows, and a daemon that knows nothing goes on with it", async () => {
    const { environment, deploy, fresh } = preview();
    await deploy(rollout(r1));
    const second = rollout(r2, r1, 2);
    await fresh().advance(second, plainFacts);
    await fresh().advance(second, plainFacts);
    expect(await deploy(second)).toEqual({ phase: "succeeded" });
    expect((await definitionOf(environment))?.containerDefinitions?.[0]?.image).toContain(digest(r2));
    const began = (await aws.effects()).filter(({ service }) => service === named(environment));
    expect(began.map(({ why }) => why)).toEqual(["created", "updated", "updated"]);
  });

  test("a commit that never starts fails, and brings what was there before back", async () => {
    const { environment, deploy, target } = preview();
    await deploy(rollout(r1));
    const bad = rollout("broken" as ReleaseId, r1, 2);
    expect(await deploy(bad)).toMatchObject({ phase: "failed" });
    for (let look = 0; look < 20 && (await target.abort(bad)).phase === "moving"; look++) await aws.tick();
    expect((await definitionOf(environment))?.containerDefinitions?.[0]?.image).toContain(digest(r1));
  });

  test("asleep it has no task and requests wake it; awake they go to it once it is healthy", async () => {
    const { environment, deploy, target } = preview();
    const first = rollout(r1);
    await deploy(first);
    const group = await taskGroup(environment);
    const host = `${environment}.example.com`;
    const answers = () => openAws().previews(settings()).answers(environment, host);
    await target.rest?.(first);
    await target.rest?.(first);
    await aws.tick();
    expect(await serviceOf(environment)).toMatchObject({ desiredCount: 0, runningCount: 0 });
    expect(await rules(environment)).toEqual(["/v1 /v1/* → fww", "/* → fww"]);
    expect(await answers()).toBe(false);

    await target.keep?.(first);
    await aws.tick(2);
    await target.keep?.(first);
    expect(await serviceOf(environment)).toMatchObject({ desiredCount: 1, runningCount: 1 });
    // It runs, and nobody has asked it yet how it is.
    expect(await rules(environment)).toEqual(["/v1 /v1/* → fww", "/* → fww"]);
    await elb.registerTargets({ TargetGroupArn: group, Targets: [{ Id: "10.0.0.8", Port: 8080 }] });
    expect(await target.keep?.(first)).toMatchObject({ ready: 1 });
    expect(await rules(environment)).toEqual(["/v1 /v1/* → fwp", "/* → fwp"]);
    expect(await answers()).toBe(true);
  });

  test("where nobody could wake it it does not sleep", async () => {
    const { environment, deploy, fresh } = preview();
    const first = rollout(r1);
    await deploy(first);
    await fresh({ wake: null }).rest?.(first);
    expect(await serviceOf(environment)).toMatchObject({ desiredCount: 1 });
  });

  test("closed, all of it is gone, also when it was killed in the middle or is asked again; others stay", async () => {
    const { environment, deploy, fresh } = preview({ KEY: "v" });
    const other = preview();
    await deploy(rollout(r1));
    await other.deploy(rollout(r1));
    await fresh().rest?.(rollout(r1));
    const end = { ...rollout(r1, null, 3), desired: 0 };
    expect(await fresh().abort(end)).toEqual({ phase: "succeeded" });
    expect(await fresh().abort(end)).toEqual({ phase: "succeeded" });
    expect(await rules(environment)).toEqual([]);
    expect((await serviceOf(environment))?.status ?? "INACTIVE").toBe("INACTIVE");
    const { TargetGroups: groups = [] } = await elb.describeTargetGroups({});
    const tags = await Promise.all(
      groups.map(
        async ({ TargetGroupArn: arn = "" }) => (await elb.describeTags({ ResourceArns: [arn] })).TagDescriptions,
      ),
    );
    expect(JSON.stringify(tags)).not.toContain(`"${environment}"`);
    expect(
      await secrets
        .describeSecret({ SecretId: `fairway/previews/shop/${environment}/api` })
        .catch((thrown: Error) => thrown.name),
    ).toBe("ResourceNotFoundException");
    const { taskDefinitionArns: left } = await aws.ecs.listTaskDefinitions({
      familyPrefix: named(environment),
      status: "ACTIVE",
    });
    expect(left).toEqual([]);
    expect(await serviceOf(other.environment)).toMatchObject({ status: "ACTIVE", desiredCount: 1 });
  });

  test("killed while it is taken away, what nothing tells of is gone before what a sweep finds it by", async () => {
    const { environment, deploy, from } = preview({ KEY: "v" });
    await deploy(rollout(r1));
    const dies = openAws({
      onClient: (client) =>
        client.middlewareStack.add(
          (next, context) => (args) => {
            if (context.commandName === "DeleteTargetGroupCommand") throw new Error("killed");
            return next(args);
          },
          { step: "initialize" },
        ),
    });
    const end = { ...rollout(r1, null, 3), desired: 0 };
    await expect(from(dies).abort(end)).rejects.toThrow(/killed/u);
    const SecretId = `fairway/previews/shop/${environment}/api`;
    const secret = await secrets.describeSecret({ SecretId }).catch((error: Error) => error.name);
    expect(secret).toBe("ResourceNotFoundException");
    const standing = await daemon.previews(settings()).standing();
    expect(standing.map((one) => one.environment)).toContain(environment);
    expect(await from(openAws()).abort(end)).toEqual({ phase: "succeeded" });
    expect(JSON.stringify(await daemon.previews(settings()).standing())).not.toContain(`"${environment}"`);
  });

  test("whoever was overtaken takes nothing away", async () => {
    const { environment, deploy, fresh } = preview();
    await deploy(rollout(r1, null, 5));
    await expect(fresh().abort({ ...rollout(r1, null, 4), desired: 0 })).rejects.toMatchObject({ code: "fenced" });
    expect(await serviceOf(environment)).toMatchObject({ status: "ACTIVE" });
  });

  test("a sweep finds by tags what previews of this project have, a rule alone too, and nothing of others", async () => {
    const { environment, deploy } = preview();
    await deploy(rollout(r1));
    await aws.ecs.deleteService({ cluster: "shop", service: named(environment), force: true });
    const standing = await daemon.previews(settings()).standing();
    expect(standing.map((one) => one.environment)).toContain(environment);
    const own = standing.find((one) => one.environment === environment);
    expect(own).toMatchObject({ service: "api", placement: { cluster: "shop", service: named(environment) } });
    expect(await daemon.previews(settings({ owner: "others" })).standing()).toEqual([]);
    expect(standing.some(({ placement }) => placement.service === "api")).toBe(false);
  });

  test("when somebody last asked for it is what the load balancer counted", async () => {
    const { environment, deploy } = preview();
    await deploy(rollout(r1));
    const asked = daemon.previews(settings());
    const [, group = ""] = /:(targetgroup\/.+)$/u.exec(await taskGroup(environment)) ?? [];
    const [, balancer = ""] = /:listener\/(app\/[^/]+\/[^/]+)\//u.exec(listener) ?? [];
    const at = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
    expect(await asked.lastAsked(environment, at - 600_000)).toBeNull();
    const cloudwatch = new CloudWatch({ region });
    await cloudwatch.putMetricData({
      Namespace: "AWS/ApplicationELB",
      MetricData: [
        {
          MetricName: "RequestCount",
          Dimensions: [
            { Name: "LoadBalancer", Value: balancer },
            { Name: "TargetGroup", Value: group },
          ],
          Timestamp: new Date(at),
          Value: 3,
        },
      ],
    });
    cloudwatch.destroy();
    expect(await asked.lastAsked(environment, at - 600_000)).toBe(at);
  });

  test("the policy allows every call that was made", () => {
    const allowed = ecsPreviewPolicy(settings(), [placementOn("api")], null).Statement.flatMap(({ Action }) => Action);
    expect([...actions].filter((action) => !allowed.includes(action))).toEqual([]);
    expect(actions.size).toBeGreaterThan(15);
  });

  test("without a service to be like, or a network of its own, it is refused with the reason", async () => {
    const target = daemon.ecsTarget({
      placement: ecsPreviewPlacement(settings(), placementOn("gone"), "pr-900", "api"),
      imageOf: async () => ({ reference: "x", env: {} }),
      preview: { environment: "pr-900", service: "api", routes: [], health, port: 80, secretsOf: async () => ({}) },
    });
    const reason = "there is no service gone in cluster shop to make a preview from";
    expect(await target.preflight?.(rollout(r1))).toEqual({ refusals: [reason], warnings: [] });
    expect(await target.advance(rollout(r1), plainFacts)).toMatchObject({ phase: "failed", ending: "stalled", reason });
  });
});
