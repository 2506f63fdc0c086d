import { CodeDeploy } from "@aws-sdk/client-codedeploy";
import { moveToItsEnd, releaseThat, rolloutOf, targetSuite } from "@fairway/conformance";
import type { CodeDeployGroup, EcsPlacement, Facts, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { ecsPolicy, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { ecsMemory } from "../ecs/ecs-target.ts";
import type { AwsSessionOptions } from "../session/aws-session.ts";
import { awsSession } from "../session/aws-session.ts";
import { codeDeployTarget } from "./code-deploy-target.ts";

const r1 = "r1" as ReleaseId;
const blueGreen: Rollout["strategy"] = { name: "blue-green", bake: 0 };
const verifyFirst: Rollout["strategy"] = { ...blueGreen, verifyFirst: true };

type Placed = EcsPlacement & { readonly codeDeploy: CodeDeployGroup };
type Moving = Extract<Progress, { phase: "moving" }>;

describe.skipIf(!needs("moto"))("a service that CodeDeploy moves", () => {
  let aws: AwsDouble;
  let codeDeploy: CodeDeploy;
  let count = 0;
  beforeAll(async () => {
    aws = await awsDouble();
    codeDeploy = new CodeDeploy({ region });
    await codeDeploy.createApplication({ applicationName: "shop", computePlatform: "ECS" });
  });
  afterAll(async () => {
    codeDeploy?.destroy();
    await aws?.close();
  });

  /** A service with its deployment group, as the team's infrastructure makes them. */
  async function placed(desired: number, waits = false, about: Partial<CodeDeployGroup> = {}): Promise<Placed> {
    const name = `deployed-${++count}`;
    const place = await aws.service(name, desired, {
      deploymentController: { type: "CODE_DEPLOY" },
      loadBalancers: [{ targetGroupArn: blue, containerName: "web", containerPort: 8080 }],
    });
    await codeDeploy.createDeploymentGroup({
      applicationName: "shop",
      deploymentGroupName: name,
      serviceRoleArn: "arn:aws:iam::123456789012:role/codedeploy",
      ecsServices: [{ clusterName: "shop", serviceName: name }],
      blueGreenDeploymentConfiguration: {
        deploymentReadyOption: waits
          ? { actionOnTimeout: "STOP_DEPLOYMENT", waitTimeInMinutes: 60 }
          : { actionOnTimeout: "CONTINUE_DEPLOYMENT" },
      },
    });
    return { ...place, codeDeploy: { application: "shop", group: name, configuration: null, hooks: {}, ...about } };
  }

  const calls: string[] = [];
  const targetOn = (placement: Placed, disturb: NonNullable<AwsSessionOptions["onClient"]> = () => undefined): Target =>
    codeDeployTarget({
      placement,
      session: awsSession(placement, {
        onClient: (client) => {
          disturb(client);
          client.middlewareStack.add(
            (next, context) => (args) => {
              calls.push(String(context.commandName).replace(/Command$/u, ""));
              return next(args);
            },
            { step: "initialize" },
          );
        },
      }),
      memory: ecsMemory(),
      imageOf: (release) =>
        Promise.resolve({
          reference: `registry.example/web@${digest(release)}`,
          env: { GIT_SHA: `sha-of-${release}`, FAIRWAY_RELEASE: release },
        }),
    });
  const world = (placement: Placed): Parameters<typeof moveToItsEnd>[0] => ({
    target: targetOn(placement),
    pass: () => aws.tick(),
    census: async () => {
      const found = (await aws.census())[placement.service];
      return { alive: found?.alive ?? 0, ready: found?.ready ?? 0 };
    },
    close: () => undefined,
  });
  const deploy = (
    placement: Placed,
    to: ReleaseId,
    about: Partial<Rollout> = {},
  ): [Parameters<typeof moveToItsEnd>[0], Rollout] => [
    world(placement),
    { ...rolloutOf({ from: null, to, desired: 2, strategy: blueGreen }), ...about },
  ];
  const effects = async (place: Placed): Promise<readonly string[]> =>
    (await aws.effects()).filter(({ service }) => service === place.service).map(({ why }) => why);
  const runs = async (place: Placed): Promise<string> => (await aws.census())[place.service]?.taskDefinition ?? "";

  /** Looks until it fits; after each look a moment passes. */
  async function lookUntil(
    there: Parameters<typeof moveToItsEnd>[0],
    rollout: Rollout,
    facts: Facts,
    fits: (progress: Moving) => boolean,
  ): Promise<Moving> {
    for (let look = 0; look < 60; look++) {
      const progress = await there.target.advance(rollout, facts);
      if (progress.phase !== "moving") throw new Error(`it has ended: ${JSON.stringify(progress)}`);
      if (fits(progress)) return progress;
      await aws.tick();
    }
    throw new Error("it never came so far");
  }

  // The suite speaks of steps; CodeDeploy knows only shifts, so that is what each of its rollouts is here.
  const shifting = (target: Target): Target => ({
    ...target,
    advance: (rollout, facts) => target.advance({ ...rollout, strategy: blueGreen }, facts),
    abort: (rollout) => target.abort({ ...rollout, strategy: blueGreen }),
  });
  targetSuite(
    "ECS, by CodeDeploy",
    async () => {
      const made = world(await placed(0));
      return { ...made, target: shifting(made.target) };
    },
    { seeds: 0 },
  );

  test("the AppSpec names what was registered, the container, its port and the hooks", async () => {
    const place = await placed(2, false, { hooks: { AfterAllowTestTraffic: "smoke" } });
    expect(await moveToItsEnd(...deploy(place, r1))).toEqual({ phase: "succeeded" });
    const { deployments: [id = ""] = [] } = await codeDeploy.listDeployments({
      applicationName: "shop",
      deploymentGroupName: place.service,
    });
    const { deploymentInfo } = await codeDeploy.getDeployment({ deploymentId: id });
    expect(JSON.parse(deploymentInfo?.revision?.appSpecContent?.content ?? "")).toEqual({
      version: 0,
      Resources: [
        {
          TargetService: {
            Type: "AWS::ECS::Service",
            Properties: {
              TaskDefinition: expect.stringMatching(new RegExp(`task-definition/${place.service}:2$`, "u")),
              LoadBalancerInfo: { ContainerName: "web", ContainerPort: 8080 },
            },
          },
        },
      ],
      Hooks: [{ AfterAllowTestTraffic: "smoke" }],
    });
    expect(deploymentInfo).toMatchObject({
      status: "Succeeded",
      deploymentConfigName: "CodeDeployDefault.ECSAllAtOnce",
    });
    expect(await runs(place)).toMatch(/:2$/u);
  });

  test("where CodeDeploy waits the checks are made, and it goes on when they pass", async () => {
    const place = await placed(2, true);
    const [there, rollout] = deploy(place, r1, { strategy: verifyFirst });
    const pending = { ...plainFacts, candidateChecks: "pending" } as const;
    expect(await lookUntil(there, rollout, pending, ({ wants }) => wants === "checks")).toMatchObject({ weight: 0 });
    // Nobody answers: nothing moves, however long.
    await aws.tick(10);
    expect(await there.target.advance(rollout, pending)).toMatchObject({ wants: "checks" });
    expect(await moveToItsEnd(there, rollout)).toEqual({ phase: "succeeded" });
  });

  test("where its checks fail CodeDeploy is stopped, goes back by itself, and that is followed to its end", async () => {
    const place = await placed(2, true);
    const [there, rollout] = deploy(place, r1, { strategy: verifyFirst });
    await lookUntil(there, rollout, { ...plainFacts, candidateChecks: "pending" }, ({ wants }) => wants === "checks");
    await there.target.advance(rollout, { ...plainFacts, candidateChecks: "failed" });
    expect(await moveToItsEnd(there, rollout)).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/^CodeDeploy: MANUAL_STOP: .*; CodeDeploy goes back by /u),
    });
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    expect(await effects(place)).toEqual(["updated", "rolled back"]);
    expect(await runs(place)).toMatch(/:1$/u);
  });

  test("a canary asks a person while CodeDeploy waits", async () => {
    const place = await placed(2, true, { configuration: "shop-canary" });
    const canary: Rollout["strategy"] = { name: "canary", steps: [{ weight: 10, pause: "approval" }], bake: 0 };
    const [there, rollout] = deploy(place, r1, { strategy: canary });
    const asked = await lookUntil(there, rollout, plainFacts, (progress) => progress.asks !== undefined);
    expect(asked.asks).toBe("go on with r1 from 0 % of the traffic?");
    await there.target.advance(rollout, { ...plainFacts, approved: [0] });
    expect(await moveToItsEnd(there, rollout)).toEqual({ phase: "succeeded" });
  });

  test("new tasks that never live: the reason with how they ended, and the old ones are back", async () => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, releaseThat("broken"));
    const ended = await moveToItsEnd(there, rollout);
    expect(ended.phase === "failed" && ended.reason).toMatch(
      /^CodeDeploy: TIMEOUT: [\s\S]*Install failed[\s\S]*EssentialContainerExited.*web exited with 42/u,
    );
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    expect(await runs(place)).toMatch(/:1$/u);
  });

  test("an image that no new task could pull is stalled, and not the release's fault", async () => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, "unpullable" as ReleaseId);
    const ended = await moveToItsEnd(there, rollout);
    expect(ended).toMatchObject({
      ending: "stalled",
      reason: expect.stringMatching(/^CodeDeploy: TIMEOUT: [\s\S]*CannotPullContainerError/u),
    });
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
  });

  test("in flight it is stopped and goes back; afterwards the old one is deployed again, registered anew", async () => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, releaseThat("late"));
    await there.target.advance(rollout, plainFacts);
    await aws.tick(3);
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
    expect(await effects(place)).toEqual(["updated", "rolled back"]);

    const [again, second] = deploy(place, r1, { id: "second" as Rollout["id"] });
    expect(await moveToItsEnd(again, second)).toEqual({ phase: "succeeded" });
    await aws.ecs.deregisterTaskDefinition({ taskDefinition: `${place.service}:1` });
    expect(await moveToItsEnd(again, second, "abort")).toEqual({ phase: "succeeded" });
    const { taskDefinition } = await aws.ecs.describeTaskDefinition({ taskDefinition: await runs(place) });
    expect(taskDefinition?.containerDefinitions?.[0]?.image).toBe("registry.example/first");
  });

  test("an alarm that fires while it shifts stops it, and CodeDeploy goes back", async () => {
    const place = { ...(await placed(2)), alarms: [`codedeploy-${count}`] };
    await aws.alarm(`codedeploy-${count}`, "OK");
    const [there, rollout] = deploy(place, releaseThat("late"));
    await there.target.advance(rollout, plainFacts);
    await aws.tick();
    await aws.alarm(`codedeploy-${count}`, "ALARM");
    expect(await moveToItsEnd(there, rollout)).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/^CodeDeploy: ALARM_ACTIVE: /u),
    });
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
  });

  test("a daemon that was killed after any call goes on with the one deployment", async () => {
    const place = await placed(2);
    const rollout = deploy(place, r1)[1];
    for (let looks = 0; looks < 40; looks++) {
      const progress = await targetOn(place).advance(rollout, plainFacts);
      if (progress.phase !== "moving") break;
      await aws.tick();
    }
    expect(await targetOn(place).advance(rollout, plainFacts)).toEqual({ phase: "succeeded" });
    expect(await effects(place)).toEqual(["updated"]);
  });

  test("an answer that was lost after CodeDeploy had begun begins no second one", async () => {
    const place = await placed(2);
    const rollout = deploy(place, r1)[1];
    let isLost = false;
    const target = codeDeployTarget({
      placement: place,
      session: awsSession(place, {
        attempts: 1,
        onClient: (client) =>
          client.middlewareStack.add(
            (next, context) => async (args) => {
              const reply = await next(args);
              if (context.commandName !== "CreateDeploymentCommand" || isLost) return reply;
              isLost = true;
              throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
            },
            { step: "initialize" },
          ),
      }),
      memory: ecsMemory(),
      imageOf: (release) =>
        Promise.resolve({ reference: `registry.example/web@${digest(release)}`, env: { FAIRWAY_RELEASE: release } }),
    });
    await expect(target.advance(rollout, plainFacts)).rejects.toMatchObject({ code: "target_unreachable" });
    expect(await moveToItsEnd({ ...world(place), target }, rollout)).toEqual({ phase: "succeeded" });
    expect(await effects(place)).toEqual(["updated"]);
  });

  test.each<[string, number, readonly string[]]>([
    ["before the new tasks get traffic", 2, ["updated"]],
    ["after the new tasks got it", 15, ["updated"]],
  ])("a daemon that finds the tags taken away goes on with the one deployment, %s", async (_, moments, expected) => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, r1);
    await there.target.advance(rollout, plainFacts);
    await aws.tick(moments);
    await aws.untag(place.service);
    expect(await moveToItsEnd(world(place), rollout)).toEqual({ phase: "succeeded" });
    expect(await effects(place)).toEqual(expected);
    const { taskDefinitionArns } = await aws.ecs.listTaskDefinitions({ familyPrefix: place.service });
    expect(taskDefinitionArns).toHaveLength(2);
  });

  test.each([
    ["under way", releaseThat("late"), 3],
    ["failed", releaseThat("broken"), 30],
    ["done", r1, 15],
  ])("tags that were taken away lose no way back of one that is %s", async (_, to, moments) => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, to);
    await there.target.advance(rollout, plainFacts);
    await aws.tick(moments);
    await aws.untag(place.service);
    expect(await moveToItsEnd(world(place), rollout, "abort")).toEqual({ phase: "succeeded" });
    await aws.tick(30);
    expect(await runs(place)).toMatch(/:1$/u);
  });

  test("a daemon that is answered from a copy of before it began goes on with the one deployment", async () => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, r1);
    const before = await aws.ecs.describeServices({ cluster: "shop", services: [place.service], include: ["TAGS"] });
    await there.target.advance(rollout, plainFacts);
    await aws.tick();
    let isOld = true;
    const target = targetOn(place, (client) =>
      client.middlewareStack.add(
        (next, context) => async (args) => {
          if (context.commandName !== "DescribeServicesCommand" || !isOld) return next(args);
          isOld = false;
          return { response: null, output: before };
        },
        { step: "initialize" },
      ),
    );
    expect(await moveToItsEnd({ ...world(place), target }, rollout)).toEqual({ phase: "succeeded" });
    expect(await effects(place)).toEqual(["updated"]);
  });

  test("while it moves AWS is asked once between two looks, and to begin it takes no more than fifteen calls", async () => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, releaseThat("late"));
    calls.length = 0;
    await there.target.advance(rollout, plainFacts);
    expect(calls.length).toBeLessThanOrEqual(15);
    const begun = calls.length;
    await there.target.advance(rollout, plainFacts);
    await there.target.advance(rollout, plainFacts);
    expect(calls.slice(begun)).toEqual(["GetDeployment", "GetDeployment"]);
    expect(await moveToItsEnd(there, rollout, "abort")).toEqual({ phase: "succeeded" });
  });

  test("the policy allows all that was called, and names the group", async () => {
    const place = await placed(2);
    await moveToItsEnd(...deploy(place, r1));
    const allowed = ecsPolicy([{ ...place, alarms: ["5xx"] }], null).Statement.flatMap(({ Action }) => Action);
    const names = new Set(allowed.map((action) => action.slice(action.indexOf(":") + 1)));
    expect([...new Set(calls)].filter((call) => !names.has(call))).toEqual([]);
  });

  test("somebody else's deployment afterwards is not green, and left alone on the way back", async () => {
    const place = await placed(2);
    const [there, rollout] = deploy(place, r1);
    await lookUntil(there, rollout, plainFacts, () => true);
    // Ours to its end, and another one before anybody looks.
    await aws.tick(15);
    const { taskDefinition: foreign } = await aws.ecs.registerTaskDefinition({
      family: place.service,
      containerDefinitions: [{ name: "web", image: "registry.example/hotfix", memory: 64 }],
    });
    await codeDeploy.createDeployment({
      applicationName: "shop",
      deploymentGroupName: place.service,
      revision: {
        revisionType: "AppSpecContent",
        appSpecContent: {
          content: JSON.stringify({
            Resources: [{ TargetService: { Properties: { TaskDefinition: foreign?.taskDefinitionArn } } }],
          }),
        },
      },
    });
    await aws.tick(15);
    expect(await moveToItsEnd(there, rollout)).toMatchObject({ phase: "failed", ending: "superseded" });
    expect(await moveToItsEnd(there, rollout, "abort")).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/somebody else deployed meanwhile/u),
    });
    expect(await runs(place)).toBe(foreign?.taskDefinitionArn);
  });

  test.each<[string, Partial<CodeDeployGroup>, Partial<Rollout>, RegExp]>([
    [
      "a group that is not there",
      { group: "nowhere" },
      {},
      /there is no deployment group shop\/nowhere in eu-central-1/u,
    ],
    [
      "checks where CodeDeploy does not wait",
      {},
      { strategy: verifyFirst },
      /is to be checked before it gets traffic, and the deployment group .* goes on by itself/u,
    ],
    [
      "a canary that CodeDeploy has no name for",
      {},
      { strategy: { name: "canary", steps: [{ weight: 20, pause: 60_000 }], bake: 0 } },
      /CodeDeploy's own canaries have one step of 10 %/u,
    ],
  ])("%s is refused, and nothing is touched", async (_, about, rolled, words) => {
    const place = await placed(2, false, about);
    expect(await moveToItsEnd(...deploy(place, r1, rolled))).toMatchObject({
      phase: "failed",
      ending: "stalled",
      reason: expect.stringMatching(words),
    });
    expect(await effects(place)).toEqual([]);
  });

  test("a service that ECS moves by itself is not CodeDeploy's", async () => {
    const place = await aws.service(`deployed-${++count}`, 2);
    const group = { application: "shop", group: "deployed-1", configuration: null, hooks: {} };
    expect(await moveToItsEnd(...deploy({ ...place, codeDeploy: group }, r1))).toMatchObject({
      reason: expect.stringMatching(/is deployed by ECS itself[\s\S]*moves deployed-1, and not deployed-/u),
    });
  });
});

const blue = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/blue/1";
