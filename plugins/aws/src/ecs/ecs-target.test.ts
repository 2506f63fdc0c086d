import type { Service } from "@aws-sdk/client-ecs";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import { moveToItsEnd, releaseThat, rolloutOf, targetSuite } from "@fairway/conformance";
import type { EcsPlacement, Facts, Progress, ReleaseId, RollingOptions, Rollout, Target } from "@fairway/core";
import { codeOf, ecsPolicy, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import type { AwsSessionOptions } from "../session/aws-session.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecsMemory, ecsTarget } from "./ecs-target.ts";

const half: RollingOptions = { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200 };
const r1 = "r1" as ReleaseId;
const r2 = "r2" as ReleaseId;

describe.skipIf(!needs("moto"))("ECS", () => {
  let aws: AwsDouble;
  let count = 0;
  beforeAll(async () => {
    aws = await awsDouble();
  });
  afterAll(() => aws.close());

  // Of all tests of this file, so that the policy is held to what is really called.
  const called = new Set<string>();
  const record: AwsSessionOptions["onClient"] = (client) =>
    client.middlewareStack.add(
      (next, context) => (args) => {
        called.add(
          `${prefixes[String(context.clientName)] ?? context.clientName}:${String(context.commandName).replace(/Command$/u, "")}`,
        );
        return next(args);
      },
      { step: "initialize" },
    );
  const nextName = (): string => `service-${++count}`;
  const targetOn = (placement: EcsPlacement): Target =>
    ecsTarget({
      placement,
      session: awsSession(placement, { onClient: record }),
      memory: ecsMemory(),
      imageOf: (release) =>
        Promise.resolve({
          reference: `registry.example/web@${digest(release)}`,
          env: { GIT_SHA: `sha-of-${release}`, FAIRWAY_RELEASE: release },
        }),
    });

  const world = (placement: EcsPlacement): Parameters<typeof moveToItsEnd>[0] => ({
    target: targetOn(placement),
    pass: () => aws.tick(),
    census: async () => {
      const found = (await aws.census())[placement.service];
      return { alive: found?.alive ?? 0, ready: found?.ready ?? 0 };
    },
    close: () => undefined,
  });

  const deploy = (
    placement: EcsPlacement,
    from: ReleaseId | null,
    to: ReleaseId,
    about: Partial<Rollout> = {},
  ): [Parameters<typeof moveToItsEnd>[0], Rollout] => [
    world(placement),
    { ...rolloutOf({ from, to, desired: 2, strategy: half }), ...about },
  ];
  const described = async (name: string): Promise<Service> => {
    const { services: [found] = [] } = await aws.ecs.describeServices({
      cluster: "shop",
      services: [name],
      include: ["TAGS"],
    });
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  };

  targetSuite("ECS, rolling by itself", async () => world(await aws.service(nextName(), 0)), {
    seeds: 0,
  });

  test("only the image, the commit and the release differ in what is registered", async () => {
    const place = await aws.service(nextName(), 2);
    expect(await moveToItsEnd(...deploy(place, null, r1))).toEqual({ phase: "succeeded" });
    const { taskDefinition: arn = "", deploymentConfiguration } = await described(place.service);
    const [before, after] = await Promise.all(
      [`${place.service}:1`, arn].map((taskDefinition) =>
        aws.ecs.describeTaskDefinition({ taskDefinition, include: ["TAGS"] }),
      ),
    );
    const [old] = before?.taskDefinition?.containerDefinitions ?? [];
    const [web] = after?.taskDefinition?.containerDefinitions ?? [];
    expect(web).toEqual({
      ...old,
      image: `registry.example/web@${digest(r1)}`,
      environment: [
        { name: "KEPT", value: "as it is" },
        { name: "GIT_SHA", value: "sha-of-r1" },
        { name: "FAIRWAY_RELEASE", value: "r1" },
      ],
    });
    expect(after?.tags).toContainEqual({ key: "team", value: "shop" });
    expect(deploymentConfiguration).toMatchObject({
      minimumHealthyPercent: 50,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    });
  });

  test("a reference that names a version of a secret gets the current one, a way back keeps its own, and the same release again is told the newest", async () => {
    const secrets = new SecretsManager({ region });
    const name = nextName();
    const { ARN: secret = "", VersionId: first = "" } = await secrets.createSecret({ Name: name, SecretString: "one" });
    const { VersionId: second = "" } = await secrets.putSecretValue({ SecretId: secret, SecretString: "two" });
    const place = await aws.service(name, 1, {}, `${secret}:key::${first}`);
    const given = async (): Promise<string | undefined> => {
      const { taskDefinition } = await aws.ecs.describeTaskDefinition({
        taskDefinition: (await described(place.service)).taskDefinition,
      });
      return taskDefinition?.containerDefinitions?.[0]?.secrets?.[0]?.valueFrom;
    };
    const moves: [ReleaseId | null, ReleaseId][] = [
      [null, r1],
      [r1, r2],
      [r2, r1],
      [r1, r1],
    ];
    const seen: (string | undefined)[] = [];
    let third = "";
    for (const [from, to] of moves) {
      const about = { id: `move-${seen.length}` as Rollout["id"] };
      expect(await moveToItsEnd(...deploy(place, from, to, about))).toEqual({ phase: "succeeded" });
      seen.push(await given());
      ({ VersionId: third = "" } =
        third === ""
          ? await secrets.putSecretValue({ SecretId: secret, SecretString: "three" })
          : { VersionId: third });
    }
    expect(seen).toEqual([second, third, second, third].map((version) => `${secret}:key::${version}`));
    secrets.destroy();
  });

  test("what the circuit breaker took back is not green, and says how its tasks ended", async () => {
    const place = await aws.service(nextName(), 2);
    const bad = releaseThat("broken");
    const [there, rollout] = deploy(place, null, bad);
    const ended = await moveToItsEnd(there, rollout);
    expect(ended).toMatchObject({ phase: "failed" });
    expect(ended.phase === "failed" && ended.reason).toMatch(
      /circuit breaker[\s\S]*EssentialContainerExited.*web exited with 42/u,
    );
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    expect((await described(place.service)).taskDefinition).toMatch(/:1$/u);
  });

  test("somebody else's deployment supersedes it: not green, and left alone on the way back", async () => {
    const place = await aws.service(nextName(), 2);
    const [there, rollout] = deploy(place, null, r1);
    expect(await there.target.advance(rollout, plainFacts)).toMatchObject({ phase: "moving" });
    const { taskDefinition: other } = await aws.ecs.registerTaskDefinition({
      family: place.service,
      containerDefinitions: [{ name: "web", image: "registry.example/hotfix", memory: 64 }],
    });
    const foreign = other?.taskDefinitionArn ?? "";
    await aws.ecs.updateService({ cluster: "shop", service: place.service, taskDefinition: foreign });
    expect(await moveToItsEnd(there, rollout)).toMatchObject({
      phase: "failed",
      ending: "superseded",
      reason: expect.stringMatching(/^superseded: /u),
    });
    expect(await moveToItsEnd(there, rollout, "abort")).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/somebody else deployed meanwhile/u),
    });
    await aws.tick(5);
    expect((await described(place.service)).taskDefinition).toBe(foreign);
  });

  test("the same task definition, forced anew by somebody else, is not this deployment", async () => {
    const place = await aws.service(nextName(), 2);
    const [there, rollout] = deploy(place, null, r1);
    await there.target.advance(rollout, plainFacts);
    await aws.ecs.updateService({ cluster: "shop", service: place.service, forceNewDeployment: true });
    expect(await moveToItsEnd(there, rollout)).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/^superseded: /u),
    });
  });

  test("a way back brings the old task definition, registered again where it was deregistered", async () => {
    const place = await aws.service(nextName(), 2);
    const [there, rollout] = deploy(place, null, r1);
    expect(await moveToItsEnd(there, rollout)).toEqual({ phase: "succeeded" });
    await aws.ecs.deregisterTaskDefinition({ taskDefinition: `${place.service}:1` });
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    const { taskDefinition = "" } = await described(place.service);
    expect(taskDefinition).toMatch(/:3$/u);
    const { taskDefinition: back } = await aws.ecs.describeTaskDefinition({ taskDefinition });
    expect(back?.containerDefinitions?.[0]?.image).toBe("registry.example/first");
  });

  test("in flight it is ECS that is told to roll back", async () => {
    const place = await aws.service(nextName(), 2);
    const [there, rollout] = deploy(place, null, releaseThat("late"));
    await there.target.advance(rollout, plainFacts);
    await aws.tick();
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    const why = (await aws.effects()).filter(({ service }) => service === place.service).map((effect) => effect.why);
    expect(why).toEqual(["created", "updated", "rolled back"]);
  });

  test("a way back to a release starts from its own task definition", async () => {
    const place = await aws.service(nextName(), 2);
    expect(await moveToItsEnd(...deploy(place, null, r1, { id: "1" as Rollout["id"] }))).toEqual({
      phase: "succeeded",
    });
    const { taskDefinition: first } = await aws.ecs.describeTaskDefinition({ taskDefinition: place.service });
    await aws.ecs.registerTaskDefinition({
      family: place.service,
      containerDefinitions: [
        { ...first?.containerDefinitions?.[0], image: "x", environment: [{ name: "KEPT", value: "changed" }] },
      ],
    });
    await aws.ecs.updateService({ cluster: "shop", service: place.service, taskDefinition: place.service });
    await aws.tick(5);
    const second = deploy(place, r1, r2, { id: "2" as Rollout["id"] });
    expect(await moveToItsEnd(...second)).toEqual({ phase: "succeeded" });
    const third = deploy(place, r2, r1, { id: "3" as Rollout["id"] });
    expect(await moveToItsEnd(...third)).toEqual({ phase: "succeeded" });
    const { taskDefinition: back } = await aws.ecs.describeTaskDefinition({
      taskDefinition: (await described(place.service)).taskDefinition,
    });
    expect(back?.containerDefinitions?.[0]?.environment).toContainEqual({ name: "GIT_SHA", value: "sha-of-r1" });
  });

  test("a service that is not there, and one that CodeDeploy has, are refused before anything is changed", async () => {
    const place = await aws.service(nextName(), 2, { deploymentController: { type: "CODE_DEPLOY" } });
    expect(await moveToItsEnd(...deploy(place, null, r1))).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/refuses UpdateService with another task definition/u),
    });
    expect(await moveToItsEnd(...deploy({ ...place, service: "nowhere" }, null, r1))).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/there is no service nowhere in cluster shop of eu-central-1 \(MISSING\)/u),
    });
    const elsewhere = { ...place, region: "eu-west-1" };
    const thrown: unknown = await targetOn(elsewhere)
      .advance(deploy(place, null, r1)[1], plainFacts)
      .catch((error: unknown) => error);
    expect(codeOf(thrown)).toBe("not_found");
    expect(thrown).toMatchObject({ message: expect.stringMatching(/^ecs:DescribeServices in eu-west-1: /u) });
  });

  test("before a deployment begins it is told what a service would be refused for, and nothing is changed", async () => {
    const byCodeDeploy = await aws.service(nextName(), 2, { deploymentController: { type: "CODE_DEPLOY" } });
    const plain = await aws.service(nextName(), 2);
    const before = await aws.effects();
    const asked = async (place: EcsPlacement, about: Partial<Rollout> = {}): Promise<unknown> =>
      targetOn(place).preflight?.({ ...deploy(place, null, r1)[1], ...about });
    expect(await asked(byCodeDeploy)).toMatchObject({
      refusals: [expect.stringMatching(/ECS refuses UpdateService with another task definition there/u)],
    });
    const strategy: Rollout["strategy"] = { name: "blue-green", bake: 0, breakerThreshold: 3 };
    expect(await asked(plain, { strategy })).toMatchObject({
      refusals: expect.arrayContaining([expect.stringMatching(/circuit breaker for rolling deployments only/u)]),
    });
    expect(await asked({ ...plain, service: "nowhere" })).toMatchObject({
      refusals: [expect.stringMatching(/there is no service nowhere/u)],
    });
    expect(await asked(plain)).toMatchObject({ refusals: [] });
    expect(await aws.effects()).toEqual(before);
    // Whoever comes back after a crash has nothing against what it has begun itself.
    const rollout = deploy(plain, null, r1)[1];
    await targetOn(plain).advance(rollout, plainFacts);
    expect(await targetOn(plain).preflight?.(rollout)).toEqual({ refusals: [], warnings: [] });
    expect(await targetOn(plain).preflight?.({ ...rollout, id: "r-2/web" as Rollout["id"] })).toMatchObject({
      refusals: [expect.stringMatching(/is under way on .*, and Fairway did not begin it/u)],
    });
  });

  test("a daemon that was killed after any call goes on where it was, with one deployment", async () => {
    const place = await aws.service(nextName(), 2);
    const rollout = deploy(place, null, r1)[1];
    for (let looks = 0; looks < 20; looks++) {
      const progress = await targetOn(place).advance(rollout, plainFacts);
      if (progress.phase === "succeeded") break;
      await aws.tick();
    }
    const mine = (await aws.effects()).filter(({ service }) => service === place.service);
    expect(mine.map(({ why }) => why)).toEqual(["created", "updated"]);
  });

  test("between two looks AWS is asked once", async () => {
    const place = await aws.service(nextName(), 2);
    const calls: string[] = [];
    const session = awsSession(place, {
      onClient: (client) =>
        client.middlewareStack.add(
          (next, context) => (args) => {
            calls.push(String(context.commandName));
            return next(args);
          },
          { step: "initialize" },
        ),
    });
    const image = { reference: "registry.example/web@sha256:1", env: {} };
    const target = ecsTarget({ placement: place, session, memory: ecsMemory(), imageOf: () => Promise.resolve(image) });
    const rollout = deploy(place, null, releaseThat("late"))[1];
    await target.advance(rollout, plainFacts);
    const begun = calls.length;
    await target.advance(rollout, plainFacts);
    await target.advance(rollout, plainFacts);
    expect(calls.slice(begun)).toEqual(["DescribeServicesCommand", "DescribeServicesCommand"]);
    expect(begun).toBeLessThanOrEqual(10);
  });

  test("blue and green: the checks are asked at ECS's own hook, and it goes on when they pass", async () => {
    const place = await aws.service(nextName(), 2, { loadBalancers: [shiftable] });
    const blueGreen: Rollout["strategy"] = { name: "blue-green", bake: 0, verifyFirst: true };
    const [there, rollout] = deploy(place, null, r1, { strategy: blueGreen });
    const pending = { ...plainFacts, candidateChecks: "pending" } as const;
    const wanted = await lookUntil(there, rollout, pending, (progress) => progress.wants === "checks");
    expect(wanted).toMatchObject({ weight: 0, wants: "checks" });
    // Nobody answers: nothing moves, however long.
    await aws.tick(10);
    expect(await there.target.advance(rollout, pending)).toMatchObject({ weight: 0, wants: "checks" });
    expect(await moveToItsEnd(there, rollout)).toEqual({ phase: "succeeded" });
    const why = (await aws.effects()).filter(({ service }) => service === place.service).map((effect) => effect.why);
    expect(why).toEqual(["created", "updated"]);
  });

  test("blue and green whose checks fail goes back by ECS's own hook", async () => {
    const place = await aws.service(nextName(), 2, { loadBalancers: [shiftable] });
    const blueGreen: Rollout["strategy"] = { name: "blue-green", bake: 0, verifyFirst: true };
    const [there, rollout] = deploy(place, null, r1, { strategy: blueGreen });
    await lookUntil(
      there,
      rollout,
      { ...plainFacts, candidateChecks: "pending" },
      (progress) => progress.wants === "checks",
    );
    const failed = { ...plainFacts, candidateChecks: "failed" } as const;
    await there.target.advance(rollout, failed);
    expect(await moveToItsEnd(there, rollout)).toMatchObject({ phase: "failed" });
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    expect((await described(place.service)).taskDefinition).toMatch(/:1$/u);
  });

  test("a canary asks a person before it gets traffic, and a linear deployment goes up in its steps", async () => {
    const place = await aws.service(nextName(), 2, { loadBalancers: [shiftable] });
    const canary: Rollout["strategy"] = { name: "canary", steps: [{ weight: 10, pause: "approval" }], bake: 0 };
    const [there, rollout] = deploy(place, null, r1, { strategy: canary });
    const asked = await lookUntil(there, rollout, plainFacts, (progress) => progress.asks !== undefined);
    expect(asked).toMatchObject({ weight: 0, asks: "go on with r1 from 0 % of the traffic?" });
    const approved = { ...plainFacts, approved: [0] };
    const shown = new Set<number | undefined>();
    const ended = await lookUntil(there, rollout, approved, ({ weight }) => void shown.add(weight));
    expect(ended).toBeNull();
    expect([...shown]).toEqual([0, 10, 100]);

    const linear: Rollout["strategy"] = { name: "linear", step: 40, every: 0, bake: 0 };
    const [, second] = deploy(place, r1, r2, { strategy: linear, id: "linear" as Rollout["id"] });
    const steps = new Set<number | undefined>();
    expect(await lookUntil(there, second, plainFacts, ({ weight }) => void steps.add(weight))).toBeNull();
    expect([...steps]).toEqual([0, 40, 80, 100]);
  });

  test("an alarm that fires while the new release takes over brings the old one back, by ECS itself", async () => {
    const place = { ...(await aws.service(nextName(), 2)), alarms: [`alarm-${count}`] };
    await aws.alarm(`alarm-${count}`, "OK");
    const [there, rollout] = deploy(place, null, releaseThat("late"));
    await there.target.advance(rollout, plainFacts);
    await aws.alarm(`alarm-${count}`, "ALARM");
    expect(await moveToItsEnd(there, rollout)).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/alarm/u),
    });
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    const again = deploy(place, null, r1, { id: "again" as Rollout["id"] });
    expect(await moveToItsEnd(...again)).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/fires already/u),
    });
  });

  test.each(["ROLLBACK_FAILED", "STOPPED"])(
    "where ECS was told to go back and came to %s, the old task definition is asked for by the same daemon",
    async (status) => {
      const place = await aws.service(nextName(), 2);
      let wasStopped = false;
      const onClient: AwsSessionOptions["onClient"] = (client) =>
        client.middlewareStack.add(
          (next, context) => async (args) => {
            if (context.commandName === "StopServiceDeploymentCommand") {
              wasStopped = true;
              return { response: null, output: { $metadata: {} } };
            }
            const reply = await next(args);
            const { serviceDeployments: [newest] = [] } = reply.output as {
              readonly serviceDeployments?: readonly { status?: string }[];
            };
            // Of the one that was stopped; what came after it stands as it is.
            if (wasStopped && newest?.status === "IN_PROGRESS") newest.status = status;
            return reply;
          },
          { step: "initialize" },
        );
      const target = ecsTarget({
        placement: place,
        session: awsSession(place, { onClient }),
        memory: ecsMemory(),
        imageOf: (release) =>
          Promise.resolve({ reference: `registry.example/web@${digest(release)}`, env: { FAIRWAY_RELEASE: release } }),
      });
      const [there, rollout] = deploy(place, null, releaseThat("late"));
      await target.advance(rollout, plainFacts);
      expect(await target.abort(rollout)).toMatchObject({ message: expect.stringMatching(/was told to go back/u) });
      expect(await target.abort(rollout)).toMatchObject({ message: expect.stringMatching(/was asked for .* again/u) });
      expect(await moveToItsEnd({ ...there, target }, rollout, "abort")).toEqual({ phase: "succeeded" });
      expect((await described(place.service)).taskDefinition).toMatch(/:1$/u);
    },
  );

  test("the policy allows what is called, and nothing of ECS that is not", async () => {
    const place = { ...(await aws.service(nextName(), 2)), alarms: [`alarm-${count}`] };
    await aws.alarm(`alarm-${count}`, "OK");
    const [there, rollout] = deploy(place, null, releaseThat("broken"));
    await moveToItsEnd(there, rollout);
    await moveToItsEnd(there, rollout, "abort");
    const allowed = ecsPolicy([place], null).Statement.flatMap(({ Action }) => Action);
    // Who it is everybody may ask.
    const wanted = [...called].filter((action) => action !== "STSClient:GetCallerIdentity");
    expect(wanted.filter((action) => !allowed.includes(action))).toEqual([]);
    // Those that need more than this: a family of twenty revisions, a hook, a way back in flight.
    const rare = ["Continue", "Deregister", "ListTaskDefinitions", "Stop", "DescribeServiceDeployments"];
    const unused = allowed.filter((action) => action.startsWith("ecs:") && !called.has(action));
    expect(unused.filter((action) => !rare.some((word) => action.startsWith(`ecs:${word}`)))).toEqual([]);
  });

  /** Looks until it fits or has ended, which is null; after each look a moment passes. */
  async function lookUntil(
    there: Parameters<typeof moveToItsEnd>[0],
    rollout: Rollout,
    facts: Facts,
    fits: (progress: Moving) => boolean | void,
  ): Promise<Moving | null> {
    for (let look = 0; look < 60; look++) {
      const progress = await there.target.advance(rollout, facts);
      if (progress.phase === "failed") throw new Error(progress.reason);
      if (progress.phase === "succeeded") return null;
      if (fits(progress) === true) return progress;
      await aws.tick();
    }
    throw new Error("it never came so far");
  }
});

const prefixes: Readonly<Record<string, string>> = {
  ECSClient: "ecs",
  CloudWatchClient: "cloudwatch",
  CloudWatchLogsClient: "logs",
  ElasticLoadBalancingV2Client: "elasticloadbalancing",
  ECRClient: "ecr",
  SecretsManagerClient: "secretsmanager",
};

type Moving = Extract<Progress, { phase: "moving" }>;

/** What the team's infrastructure made for a service whose traffic is shifted. */
const shiftable = {
  targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/blue/1",
  containerName: "web",
  containerPort: 8080,
  advancedConfiguration: {
    alternateTargetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/green/1",
    productionListenerRule: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/1/1/1",
    roleArn: "arn:aws:iam::123456789012:role/ecs",
  },
};
