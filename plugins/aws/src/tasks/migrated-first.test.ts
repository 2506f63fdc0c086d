import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { rolloutOf } from "@fairway/conformance";
import type { Progress, ReleaseId, Rollout, RolloutId, Target } from "@fairway/core";
import { ecsPolicy, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, placementOn, region } from "../../fixtures/double.ts";
import type { AwsSessionOptions } from "../session/aws-session.ts";
import { awsSession } from "../session/aws-session.ts";
import { migratedFirst } from "./migrated-first.ts";

const strategy: Rollout["strategy"] = { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200 };

describe.skipIf(!needs("moto"))("migrations inside AWS", () => {
  let aws: AwsDouble;
  let count = 0;
  beforeAll(async () => {
    aws = await awsDouble();
  });
  afterAll(() => aws.close());

  // So that the policy is held to what is really called.
  const called = new Set<string>();
  const record: NonNullable<AwsSessionOptions["onClient"]> = (client) =>
    client.middlewareStack.add(
      (next, context) => (args) => {
        const service = context.clientName === "CloudWatchLogsClient" ? "logs" : "ecs";
        called.add(`${service}:${String(context.commandName).replace(/Command$/u, "")}`);
        return next(args);
      },
      { step: "initialize" },
    );

  interface Given {
    readonly command?: readonly string[];
    readonly from?: string | null;
    readonly to?: string;
    readonly now?: () => number;
    readonly onClient?: NonNullable<AwsSessionOptions["onClient"]>;
  }

  /** A service on ECS, and its target as a new daemon has it, which remembers nothing. */
  async function service(): Promise<{
    readonly name: string;
    readonly fresh: (given?: Given) => { readonly target: Target; readonly rollout: Rollout };
    readonly moved: string[];
  }> {
    const name = `migrated-${++count}`;
    const moved: string[] = [];
    await aws.service(name, 1, { launchType: "FARGATE" });
    return {
      name,
      moved,
      fresh: ({ command = ["exit", "0"], from = "r1", to = "r2", now, onClient } = {}) => {
        const placement = placementOn(name, { migrate: { command, timeout: 60_000 } });
        const inner: Target = {
          kind: "ecs",
          strategies: new Set(["rolling"]),
          observe: () => Promise.resolve(new Map()),
          fence: () => Promise.resolve(),
          advance: (rollout) => {
            moved.push(rollout.to);
            return Promise.resolve({ phase: "succeeded" });
          },
          abort: () => Promise.resolve({ phase: "succeeded" }),
        };
        const target = migratedFirst(inner, {
          placement,
          session: awsSession(placement, { onClient: onClient ?? record, attempts: 1 }),
          imageOf: (release) =>
            Promise.resolve({ reference: `registry.example/web@${digest(release)}`, env: { GIT_SHA: "abc" } }),
          done: new Set(),
          ...(now === undefined ? {} : { now }),
        });
        const plain = rolloutOf({ from: from as ReleaseId | null, to: to as ReleaseId, desired: 1, strategy });
        return { target, rollout: { ...plain, id: `run-1/${name}` as RolloutId } };
      },
    };
  }

  async function toItsEnd(of: { readonly target: Target; readonly rollout: Rollout }): Promise<Progress> {
    for (let looks = 0; looks < 30; looks++) {
      const progress = await of.target.advance(of.rollout, plainFacts);
      if (progress.phase !== "moving") return progress;
    }
    throw new Error("it never ended");
  }
  const runsOf = async (command: string): Promise<number> =>
    ((await aws.knob("runs")) as { readonly command: readonly string[] }[]).filter(
      (each) => each.command.join(" ") === command,
    ).length;

  test("they run once with the release's image before any task is replaced", async () => {
    const { fresh, moved, name } = await service();
    const of = fresh({ command: ["upgrade", name] });
    expect(await of.target.advance(of.rollout, plainFacts)).toMatchObject({ phase: "moving" });
    expect(moved).toEqual([]);
    expect(await toItsEnd(of)).toEqual({ phase: "succeeded" });
    expect(moved).toEqual(["r2"]);
    expect(await runsOf(`upgrade ${name}`)).toBe(1);
    const { taskDefinition } = await aws.ecs.describeTaskDefinition({ taskDefinition: `${name}-once` });
    expect(taskDefinition?.containerDefinitions?.[0]).toMatchObject({
      image: `registry.example/web@${digest("r2")}`,
      environment: expect.arrayContaining([{ name: "GIT_SHA", value: "abc" }]),
      secrets: [{ name: "TOKEN", valueFrom: expect.stringContaining("secretsmanager") }],
    });
  });

  test("a daemon killed between any two calls runs them once and no more", async () => {
    const { fresh, moved, name } = await service();
    const command = ["upgrade", name];
    // It dies after its first call, then after its second, and so on; the one after it remembers nothing.
    for (let after = 1; moved.length === 0; after++) {
      let calls = 0;
      const onClient: NonNullable<AwsSessionOptions["onClient"]> = (client) =>
        client.middlewareStack.add(
          (next) => async (args) => {
            const reply = await next(args);
            if (++calls >= after) throw new Error("the daemon was killed");
            return reply;
          },
          { step: "initialize" },
        );
      const dying = fresh({ command, onClient });
      await dying.target.advance(dying.rollout, plainFacts).catch(() => undefined);
      if (after > 40) throw new Error("it never ended");
    }
    expect(await runsOf(`upgrade ${name}`)).toBe(1);
  });

  test("what fails moves nothing, and says how it ended and what it said last", async () => {
    const { fresh, moved, name } = await service();
    const logs = new CloudWatchLogs({ region });
    const group = `/shop/${name}`;
    await logs.createLogGroup({ logGroupName: group });
    const { taskDefinition } = await aws.ecs.describeTaskDefinition({ taskDefinition: name });
    const [web] = taskDefinition?.containerDefinitions ?? [];
    const logConfiguration = {
      logDriver: "awslogs" as const,
      options: { "awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": "web" },
    };
    const made = await aws.ecs.registerTaskDefinition({
      family: name,
      containerDefinitions: [{ ...web, logConfiguration }],
    });
    await aws.ecs.updateService({
      cluster: "shop",
      service: name,
      taskDefinition: made.taskDefinition?.taskDefinitionArn,
    });
    const of = fresh({ command: ["exit", "3"] });
    const begun = await of.target.advance(of.rollout, plainFacts);
    const [, task] = /task (\S+)/u.exec(begun.phase === "moving" ? begun.message : "") ?? [];
    const stream = { logGroupName: group, logStreamName: `web/web/${task}` };
    await logs.createLogStream(stream);
    await logs.putLogEvents({
      ...stream,
      logEvents: [{ timestamp: Date.now(), message: `relation orders is missing ${"x".repeat(400)}\n` }],
    });
    const ended = await toItsEnd(of);
    expect(ended).toMatchObject({ phase: "failed" });
    expect(ended.phase === "failed" ? ended.reason : "").toMatch(
      /^`exit 3` failed: it exited with 3; EssentialContainerExited.*\nrelation orders is missing x{273}$/su,
    );
    expect(await toItsEnd(fresh({ command: ["exit", "3"] }))).toMatchObject({ phase: "failed" });
    expect(await runsOf("exit 3")).toBe(1);
    expect(moved).toEqual([]);
    logs.destroy();
  });

  test("an image that cannot be pulled has no exit code, and that is said", async () => {
    const { fresh } = await service();
    const ended = await toItsEnd(fresh({ command: ["never"] }));
    expect(ended.phase === "failed" ? ended.reason : "").toMatch(
      /its container never ran; TaskFailedToStart: CannotPullContainerError/u,
    );
  });

  test.each([
    [["forever"], /it was stopped after 60 s; it exited with 137/u],
    [["forever", "0"], /it was stopped after 60 s; it exited with 0; UserInitiated/u],
  ])("what takes too long is stopped, and has failed: %j", async (command, told) => {
    const { fresh, moved } = await service();
    let now = 1_000_000;
    const of = fresh({ command, now: () => now });
    expect(await of.target.advance(of.rollout, plainFacts)).toMatchObject({ phase: "moving" });
    expect(await of.target.advance(of.rollout, plainFacts)).toMatchObject({
      message: expect.stringMatching(/RUNNING/u),
    });
    now += 60_001;
    const ended = await toItsEnd(of);
    expect(ended.phase === "failed" ? ended.reason : "").toMatch(told);
    expect(moved).toEqual([]);
  });

  test("on the way back nothing runs", async () => {
    const { fresh, moved, name } = await service();
    expect(await toItsEnd(fresh({ command: ["upgrade", name], from: "r10", to: "r9" }))).toEqual({
      phase: "succeeded",
    });
    expect(moved).toEqual(["r9"]);
    expect(await runsOf(`upgrade ${name}`)).toBe(0);
  });

  test("the policy allows every call that they made", () => {
    const placement = placementOn("api", { migrate: { command: ["x"], timeout: 1000 } });
    const allowed = ecsPolicy([placement], null).Statement.flatMap(({ Action }) => Action);
    expect([...called].filter((action) => !allowed.includes(action))).toEqual([]);
    expect(called.has("ecs:StopTask")).toBe(true);
    expect(ecsPolicy([placementOn("api")], null).Statement.flatMap(({ Action }) => Action)).not.toContain(
      "ecs:RunTask",
    );
  });
});
