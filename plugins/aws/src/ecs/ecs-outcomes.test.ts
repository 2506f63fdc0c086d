import { moveToItsEnd, releaseThat, rolloutOf } from "@fairway/conformance";
import type { EcsPlacement, Progress, ReleaseId, Rollout, Target } from "@fairway/core";
import { codeOf, plainFacts } from "@fairway/core";
import { ECR } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, region } from "../../fixtures/double.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecsMemory, ecsTarget } from "./ecs-target.ts";

const r1 = "r1" as ReleaseId;
const rolling: Rollout["strategy"] = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };

describe.skipIf(!needs("moto"))("what comes of a deployment to ECS", () => {
  let aws: AwsDouble;
  let count = 0;
  beforeAll(async () => {
    aws = await awsDouble();
  });
  afterAll(() => aws?.close());

  const calls: string[] = [];
  const targetOn = (placement: EcsPlacement, repository = "registry.example/web"): Target =>
    ecsTarget({
      placement,
      session: awsSession(placement, {
        onClient: (client) =>
          client.middlewareStack.add(
            (next, context) => (args) => {
              calls.push(String(context.commandName).replace(/Command$/u, ""));
              return next(args);
            },
            { step: "initialize" },
          ),
      }),
      memory: ecsMemory(),
      imageOf: (release) =>
        Promise.resolve({ reference: `${repository}@${digest(release)}`, env: { FAIRWAY_RELEASE: release } }),
    });
  const world = (target: Target): Parameters<typeof moveToItsEnd>[0] => ({
    target,
    pass: () => aws.tick(),
    census: () => ({ alive: 0, ready: 0 }),
    close: () => undefined,
  });
  const placed = (desired = 2): Promise<EcsPlacement> => aws.service(`outcome-${++count}`, desired);
  const deploy = (to: ReleaseId, about: Partial<Rollout> = {}): Rollout => ({
    ...rolloutOf({ from: null, to, desired: 2, strategy: rolling }),
    ...about,
  });
  const reasonOf = (ended: Progress): string => (ended.phase === "failed" ? ended.reason : ended.phase);
  const running = async ({ service }: EcsPlacement): Promise<string> =>
    (await aws.census())[service]?.taskDefinition ?? "";

  test("an image that no task could pull is stalled, and not the release's fault", async () => {
    const place = await placed();
    const ended = await moveToItsEnd(world(targetOn(place, "registry.example/unpullable")), deploy(r1));
    expect(ended).toMatchObject({ phase: "failed", ending: "stalled" });
    expect(reasonOf(ended)).toMatch(/TaskFailedToStart: CannotPullContainerError: .*web never ran/u);
  });

  test("no room for its tasks is stalled before any deadline, in ECS's words, and the old ones stay", async () => {
    const place = await placed();
    const there = world(targetOn(place, "registry.example/no-room"));
    const ended = await moveToItsEnd(there, deploy(r1));
    expect(ended).toMatchObject({ phase: "failed", ending: "stalled" });
    expect(reasonOf(ended)).toMatch(/^there is no room: .*unable to place a task because no container instance/u);
    expect(await moveToItsEnd(there, deploy(r1), "abort")).toEqual({ phase: "succeeded" });
    expect(await running(place)).toMatch(/:1$/u);
  });

  test("an alarm that fires already is stalled, and nothing is touched", async () => {
    const place = { ...(await placed()), alarms: ["fires-already"] };
    await aws.alarm("fires-already", "ALARM");
    const ended = await moveToItsEnd(world(targetOn(place)), deploy(r1));
    expect(ended).toMatchObject({ phase: "failed", ending: "stalled" });
    expect(reasonOf(ended)).toMatch(/was not touched:\nthe alarm fires-already fires already/u);
    expect(await running(place)).toMatch(/:1$/u);
  });

  test("what the breaker took back comes with the last lines that its tasks wrote", async () => {
    const place = await placed();
    const family = `${place.service}-logged`;
    await aws.ecs.registerTaskDefinition({
      family,
      containerDefinitions: [
        {
          name: "web",
          image: "registry.example/first",
          memory: 64,
          logConfiguration: {
            logDriver: "awslogs",
            options: { "awslogs-group": `/shop/${family}`, "awslogs-region": region, "awslogs-stream-prefix": "web" },
          },
        },
      ],
    });
    await aws.ecs.updateService({ cluster: "shop", service: place.service, taskDefinition: family });
    await aws.tick(5);
    const ended = await moveToItsEnd(world(targetOn(place)), deploy(releaseThat("broken")));
    expect(ended).not.toHaveProperty("ending");
    expect(reasonOf(ended)).toMatch(/web exited with 42[\s\S]*\nweb: cannot reach the database(\n|$)/u);
  });

  test("a rolling deployment that is held stands, and goes on with its own bounds when it is let go", async () => {
    const place = { ...(await placed(4)), poll: 0 };
    const target = targetOn(place);
    const rollout = deploy(r1, {
      desired: 4,
      strategy: { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 150 },
    });
    await target.advance(rollout, plainFacts);
    await aws.tick(1);
    expect(await target.hold?.(rollout)).toMatchObject({ message: expect.stringMatching(/^ECS stands: /u) });
    // What had begun to start comes up; besides nothing moves, however long.
    await aws.tick(3);
    const held = await target.hold?.(rollout);
    await aws.tick(10);
    expect(await target.hold?.(rollout)).toEqual(held);
    expect(held).toMatchObject({ message: "ECS stands: 2 of 4 new tasks run" });
    // Another process goes on with it: that it was held is on the service.
    expect(await moveToItsEnd(world(targetOn(place)), rollout)).toEqual({ phase: "succeeded" });
    const { services: [service] = [] } = await aws.ecs.describeServices({ cluster: "shop", services: [place.service] });
    expect(service?.deploymentConfiguration).toMatchObject({ minimumHealthyPercent: 100, maximumPercent: 150 });
  });

  test("a held one that is stopped goes back, and AWS is asked once in a poll interval while it is held", async () => {
    const place = { ...(await placed()), poll: 60_000 };
    const target = targetOn(place);
    const rollout = deploy(releaseThat("late"));
    await target.advance(rollout, plainFacts);
    await target.hold?.(rollout);
    calls.length = 0;
    await target.hold?.(rollout);
    await target.hold?.(rollout);
    expect(calls).toEqual([]);
    expect(await moveToItsEnd(world(target), rollout, "abort")).toEqual({ phase: "succeeded" });
    expect(await running(place)).toMatch(/:1$/u);
  });

  test("four services take at most sixty calls beyond the polls, and one call for each look", async () => {
    const places = [
      await placed(),
      await placed(),
      await placed(),
      await aws.service("outcome-shifts", 2, { loadBalancers: [shiftable] }),
    ];
    calls.length = 0;
    let looks = 0;
    for (const place of places) {
      const strategy: Rollout["strategy"] =
        place.service === "outcome-shifts" ? { name: "blue-green", bake: 0 } : rolling;
      const target = targetOn(place);
      const counted: Target = {
        ...target,
        advance: (rollout, facts) => {
          looks += 1;
          return target.advance(rollout, facts);
        },
      };
      expect(await moveToItsEnd(world(counted), deploy(r1, { strategy }))).toEqual({ phase: "succeeded" });
    }
    expect(calls.length - looks).toBeLessThanOrEqual(60);
  });

  test("a shift of traffic is watched in one call for each look", async () => {
    const place = await aws.service("outcome-watched", 2, { loadBalancers: [shiftable] });
    const target = targetOn(place);
    const rollout = deploy(releaseThat("late"), { strategy: { name: "blue-green", bake: 0 } });
    await target.advance(rollout, plainFacts);
    await aws.tick();
    await target.advance(rollout, plainFacts);
    calls.length = 0;
    await target.advance(rollout, plainFacts);
    await target.advance(rollout, plainFacts);
    expect(calls).toEqual(["DescribeServiceDeployments", "DescribeServiceDeployments"]);
  });

  test("an image that is gone from ECR is refused before anything is touched", async () => {
    const ecr = new ECR({ region });
    await ecr.createRepository({ repositoryName: "shop/web" });
    ecr.destroy();
    const place = await placed();
    const target = targetOn(place, `123456789012.dkr.ecr.${region}.amazonaws.com/shop/web`);
    expect(reasonOf(await target.advance(deploy(r1), plainFacts))).toBe(
      `${place.service} was not touched:\nthe image of the release is not in its registry any more; build the release again`,
    );
    expect(await running(place)).toMatch(/:1$/u);
  });

  test.each<[string, ReleaseId, number, Progress]>([
    ["under way", releaseThat("late"), 2, { phase: "succeeded" }],
    ["done", r1, 12, { phase: "succeeded" }],
  ])("tags that were taken away lose nothing of a rollout that is %s", async (_, to, moments, ended) => {
    const place = await placed();
    const rollout = deploy(to);
    await targetOn(place).advance(rollout, plainFacts);
    await aws.tick(moments);
    await aws.untag(place.service);
    expect(await moveToItsEnd(world(targetOn(place)), rollout)).toEqual(ended);
    const updates = (await aws.effects()).filter(({ service, why }) => service === place.service && why === "updated");
    expect(updates).toHaveLength(1);
    await aws.untag(place.service);
    expect(await moveToItsEnd(world(targetOn(place)), rollout, "abort")).toEqual({ phase: "succeeded" });
    expect(await running(place)).toMatch(/:1$/u);
  });

  test("a family keeps its newest revisions, what people registered, and what a way back needs", async () => {
    const place = await placed();
    const register = async (rollout: string): Promise<void> => {
      await aws.ecs.registerTaskDefinition({
        family: place.service,
        containerDefinitions: [{ name: "web", image: "registry.example/web", memory: 64 }],
        tags: rollout === "" ? [] : [{ key: "fairway:rollout", value: rollout }],
      });
    };
    for (let revision = 2; revision <= 21; revision++) await register(revision === 2 ? "" : `run-${revision}`);
    expect(await moveToItsEnd(world(targetOn(place)), deploy(r1))).toEqual({ phase: "succeeded" });
    const { taskDefinitionArns = [] } = await aws.ecs.listTaskDefinitions({ familyPrefix: place.service });
    const revisions = taskDefinitionArns.map((arn) => Number(arn.slice(arn.lastIndexOf(":") + 1)));
    // The first is what ran before, and the second somebody's own.
    expect(revisions).toEqual([1, 2, ...Array.from({ length: 20 }, (_, index) => index + 3)]);

    expect(await moveToItsEnd(world(targetOn(place)), deploy("r2" as ReleaseId, again))).toEqual({
      phase: "succeeded",
    });
    const { taskDefinition } = await aws.ecs.describeTaskDefinition({ taskDefinition: `${place.service}:3` });
    expect(taskDefinition?.status).toBe("INACTIVE");
  });

  test("targets that are ill are told with what their load balancer says", async () => {
    const place = await aws.service(`outcome-${++count}`, 2, {
      loadBalancers: [{ targetGroupArn: shiftable.targetGroupArn, containerName: "web", containerPort: 8080 }],
    });
    const ill = {
      TargetHealthDescriptions: [
        {
          Target: { Id: "10.0.0.7", Port: 8080 },
          TargetHealth: {
            State: "unhealthy",
            Reason: "Target.ResponseCodeMismatch",
            Description: "Health checks failed with these codes: [502]",
          },
        },
        { Target: { Id: "10.0.0.8", Port: 8080 }, TargetHealth: { State: "healthy" } },
      ],
    };
    const session = awsSession(place, {
      onClient: (client) =>
        client.middlewareStack.add(
          (next, context) => (args) =>
            context.commandName === "DescribeTargetHealthCommand"
              ? Promise.resolve({ response: null, output: { $metadata: {}, ...ill } })
              : next(args),
          { step: "initialize" },
        ),
    });
    const target = ecsTarget({
      ...{ placement: place, session, memory: ecsMemory() },
      imageOf: () => Promise.resolve({ reference: "registry.example/broken@sha256:1", env: {} }),
    });
    const reason = reasonOf(await moveToItsEnd(world(target), deploy(r1)));
    expect(reason).toContain(
      "target 10.0.0.7:8080 is unhealthy: Target.ResponseCodeMismatch Health checks failed with these codes: [502]",
    );
    expect(reason).not.toContain("10.0.0.8");
  });

  test("a service that is deleted under way, a task definition that was deregistered: each in a sentence", async () => {
    const place = await placed();
    const target = targetOn(place);
    await aws.ecs.deregisterTaskDefinition({ taskDefinition: `${place.service}:1` });
    const rollout = deploy(releaseThat("late"));
    const begun = await target.advance(rollout, plainFacts);
    expect(begun).toMatchObject({ phase: "moving" });
    expect(await target.advance(rollout, plainFacts)).toMatchObject({
      message: expect.stringContaining(`${place.service}:1 was deregistered; a way back registers it again`),
    });
    await aws.ecs.deleteService({ cluster: "shop", service: place.service, force: true });
    expect(reasonOf(await target.advance(rollout, plainFacts))).toMatch(
      new RegExp(
        `^(?:service ${place.service} of cluster shop is \\w+: it was deleted|there is no service ${place.service} in cluster shop)`,
        "u",
      ),
    );
  });

  test("credentials of another account are refused before anything is asked", async () => {
    const place = { ...(await placed()), account: "999999999999" };
    const thrown: unknown = await targetOn(place)
      .advance(deploy(r1), plainFacts)
      .catch((error: unknown) => error);
    expect(codeOf(thrown)).toBe("denied");
    expect(thrown).toMatchObject({
      message: expect.stringMatching(/of account 123456789012, not of 999999999999$/u),
      hint: expect.stringMatching(/name the `profile` or the `role`/u),
    });
    expect(await running(place)).toMatch(/:1$/u);
  });
});

const again: Partial<Rollout> = { id: "again" as Rollout["id"] };

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
