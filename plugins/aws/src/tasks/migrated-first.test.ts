import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { chanceFrom, rolloutOf } from "@fairway/conformance";
import type { Progress, ReleaseId, Rollout, RolloutId, Target } from "@fairway/core";
import { codeOf, ecsPolicy, messageOf, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests as digest } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble, placementOn, region } from "../../fixtures/double.ts";
import { killed, unreliable } from "../../fixtures/faults.ts";
import type { AwsSessionOptions } from "../session/aws-session.ts";
import { awsSession } from "../session/aws-session.ts";
import type { OneOffMemory } from "./asked-task.ts";
import { oneOffMemory } from "./asked-task.ts";
import { migratedFirst } from "./migrated-first.ts";

// As many schedules as a developer waits for. All of them: FAIRWAY_AWS_SCHEDULES=500.
const schedules = Number(process.env["FAIRWAY_AWS_SCHEDULES"] ?? 6);
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
    readonly memory?: OneOffMemory;
    readonly timeout?: number;
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
      fresh: ({
        command = ["exit", "0"],
        from = "r1",
        to = "r2",
        now,
        onClient,
        timeout = 60_000,
        memory = oneOffMemory(),
      } = {}) => {
        const placement = placementOn(name, { migrate: { command, timeout } });
        const inner: Target = {
          kind: "ecs",
          strategies: new Set(["rolling"]),
          observe: () => Promise.resolve(new Map()),
          fence: () => Promise.resolve(),
          advance: (rollout) => {
            moved.push(rollout.to);
            return Promise.resolve({ phase: "succeeded" });
          },
          abort: (rollout) => {
            moved.push(`back from ${rollout.to}`);
            return Promise.resolve({ phase: "succeeded" });
          },
        };
        const target = migratedFirst(inner, {
          placement,
          session: awsSession(placement, { onClient: onClient ?? record, attempts: 1 }),
          imageOf: (release) =>
            Promise.resolve({ reference: `registry.example/web@${digest(release)}`, env: { GIT_SHA: "abc" } }),
          memory,
          ...(now === undefined ? {} : { now }),
        });
        const plain = rolloutOf({ from: from as ReleaseId | null, to: to as ReleaseId, desired: 1, strategy });
        return { target, rollout: { ...plain, id: `run-1/${name}` as RolloutId } };
      },
    };
  }

  async function toItsEnd(
    of: { readonly target: Target; readonly rollout: Rollout },
    move: (of: { readonly target: Target; readonly rollout: Rollout }) => Promise<Progress> = ({ target, rollout }) =>
      target.advance(rollout, plainFacts),
  ): Promise<Progress> {
    for (let looks = 0; looks < 30; looks++) {
      const progress = await move(of);
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
    const { taskDefinition } = await aws.ecs.describeTaskDefinition({ taskDefinition: `${name}-once:1` });
    // Its family does not grow.
    expect(taskDefinition?.status).toBe("INACTIVE");
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
    // No answer of the release: it is not to blame.
    expect(ended).toMatchObject({ phase: "failed", ending: "stalled" });
    expect(await toItsEnd(fresh({ command: ["never"] }))).toMatchObject({ phase: "failed", ending: "stalled" });
    expect(ended.phase === "failed" ? ended.reason : "").toMatch(
      /its container never ran; TaskFailedToStart: CannotPullContainerError/u,
    );
  });

  test.each([
    [["forever"], /it was stopped after 60 s; it exited with 137/u],
    [["forever", "0"], /it was stopped after 60 s; it exited with 0; UserInitiated/u],
  ])("what takes too long is stopped, and has failed: %j", async (command, told) => {
    const { fresh, moved } = await service();
    let now = Date.now();
    const of = fresh({ command, now: () => now });
    expect(await of.target.advance(of.rollout, plainFacts)).toMatchObject({ phase: "moving" });
    expect(await of.target.advance(of.rollout, plainFacts)).toMatchObject({
      message: expect.stringMatching(/RUNNING/u),
    });
    now = Date.now() + 60_001;
    const ended = await toItsEnd(of);
    expect(ended.phase === "failed" ? ended.reason : "").toMatch(told);
    expect(moved).toEqual([]);
  });

  test("the time of a task counts from when it runs, and not from when it was asked for", async () => {
    const { fresh } = await service();
    let now = Date.now() - 600_000;
    const of = fresh({ command: ["forever"], now: () => now });
    expect(await of.target.advance(of.rollout, plainFacts)).toMatchObject({ phase: "moving" });
    now = Date.now();
    for (const looking of [of, fresh({ command: ["forever"], now: () => now })])
      expect(await looking.target.advance(looking.rollout, plainFacts)).toMatchObject({
        message: expect.stringMatching(/is RUNNING$/u),
      });
  });

  const abort = ({ target, rollout }: { readonly target: Target; readonly rollout: Rollout }): Promise<Progress> =>
    target.abort(rollout);
  const tasksOf = async (name: string): Promise<readonly (string | undefined)[]> => {
    const { taskArns = [] } = await aws.ecs.listTasks({ cluster: "shop", family: `${name}-once` });
    if (taskArns.length === 0) return [];
    const { tasks = [] } = await aws.ecs.describeTasks({ cluster: "shop", tasks: taskArns });
    return tasks.filter(({ lastStatus }) => lastStatus !== "STOPPED").map(({ lastStatus }) => lastStatus);
  };
  test.each(["with its tags", "without its tags"])(
    "the way back stops the one that runs before anything comes back, %s",
    async (how) => {
      const { fresh, moved, name } = await service();
      const command = ["forever", "0", name];
      const of = fresh({ command });
      await of.target.advance(of.rollout, plainFacts);
      await of.target.advance(of.rollout, plainFacts);
      expect(await tasksOf(name)).toEqual(["RUNNING"]);
      if (how === "without its tags") await aws.untag(name);
      const later = fresh({ command });
      expect(await abort(later)).toMatchObject({ phase: "moving", message: expect.stringMatching(/being stopped/u) });
      expect(moved).toEqual([]);
      expect(await toItsEnd(later, abort)).toEqual({ phase: "succeeded" });
      expect(await tasksOf(name)).toEqual([]);
      expect(moved).toEqual(["back from r2"]);
      // Nobody who comes late starts it again, or takes its end for a good one.
      expect(await toItsEnd(fresh({ command }))).toMatchObject({ phase: "failed" });
      expect(await runsOf(command.join(" "))).toBe(1);
    },
  );

  test("the way back waits until ECS is sure to tell of a task that was asked for, and then nobody starts it", async () => {
    const { fresh, moved, name } = await service();
    const command = ["upgrade", name];
    const dying = fresh({
      command,
      now: () => 1_000_000,
      onClient: failing((action) => action === "RunTask"),
    });
    await expect(dying.target.advance(dying.rollout, plainFacts)).rejects.toThrow(/killed/u);
    let now = 1_010_000;
    const later = fresh({ command, now: () => now });
    expect(await abort(later)).toMatchObject({ phase: "moving", message: expect.stringMatching(/may not tell/u) });
    now = 1_030_000;
    expect(await abort(later)).toEqual({ phase: "succeeded" });
    expect(moved).toEqual(["back from r2"]);
    expect(await toItsEnd(fresh({ command }))).toMatchObject({
      phase: "failed",
      reason: expect.stringMatching(/not started/u),
    });
    expect(await runsOf(command.join(" "))).toBe(0);
  });

  test.each([
    ["the service", ["DescribeServices"]],
    ["the service and of the tasks that run", ["DescribeServices", "ListTasks"]],
  ])("answers that are older than the task, of %s, start no second one", async (_, stale) => {
    const { fresh, name } = await service();
    const command = ["forever", "0", name];
    const answers = new Map<string, unknown>();
    const keeping: NonNullable<AwsSessionOptions["onClient"]> = (client) =>
      client.middlewareStack.add(
        (next, context) => async (args) => {
          const reply = await next(args);
          const key = `${context.commandName} ${JSON.stringify(args.input)}`;
          if (!answers.has(key)) answers.set(key, structuredClone(reply.output));
          return reply;
        },
        { step: "initialize" },
      );
    const first = fresh({ command, onClient: keeping });
    await first.target.advance(first.rollout, plainFacts);
    // It dies, and who comes after it is answered once from copies of before.
    const late = new Set(stale);
    const given = new Set<string>();
    const old: NonNullable<AwsSessionOptions["onClient"]> = (client) =>
      client.middlewareStack.add(
        (next, context) => async (args) => {
          const key = `${context.commandName} ${JSON.stringify(args.input)}`;
          const before = answers.get(key);
          if (!late.has(String(context.commandName).replace(/Command$/u, "")) || given.has(key) || before === undefined)
            return next(args);
          given.add(key);
          return { response: null, output: before } as never;
        },
        { step: "initialize" },
      );
    const second = fresh({ command, onClient: old });
    for (let looks = 0; looks < 3; looks++)
      expect(await second.target.advance(second.rollout, plainFacts)).toMatchObject({ phase: "moving" });
    expect(given.size).toBeGreaterThan(0);
    expect(await runsOf(command.join(" "))).toBe(1);
    expect(await toItsEnd(second, abort)).toEqual({ phase: "succeeded" });
  });

  test("whose tags were taken away it is not run again, while it runs, after it ended, and once the rollout has begun", async () => {
    const { fresh, moved, name } = await service();
    const command = ["upgrade", name];
    const of = fresh({ command });
    await of.target.advance(of.rollout, plainFacts);
    await aws.untag(name);
    expect(await toItsEnd(fresh({ command }))).toEqual({ phase: "succeeded" });
    await aws.untag(name);
    expect(await toItsEnd(fresh({ command }))).toEqual({ phase: "succeeded" });
    expect(await runsOf(command.join(" "))).toBe(1);

    const begun = ["upgrade", name, "begun"];
    const { taskDefinition } = await aws.ecs.registerTaskDefinition({
      family: name,
      containerDefinitions: [{ name: "web", image: "registry.example/web", memory: 64 }],
      tags: [{ key: "fairway:rollout", value: `run-2/${name}` }],
    });
    await aws.ecs.updateService({ cluster: "shop", service: name, taskDefinition: taskDefinition?.taskDefinitionArn });
    const { target, rollout } = fresh({ command: begun });
    const next = { ...rollout, id: `run-2/${name}` as RolloutId };
    expect(await target.advance(next, plainFacts)).toEqual({ phase: "succeeded" });
    expect(await runsOf(begun.join(" "))).toBe(0);
    expect(moved).toEqual(["r2", "r2", "r2"]);
  });

  test(
    `it runs once, is believed only when it ended well, and none is left behind, in ${schedules} schedules of faults`,
    async () => {
      const wrong: string[] = [];
      for (let seed = 1; seed <= schedules; seed++) {
        const problem = await play(seed);
        if (problem !== null) wrong.push(`seed ${seed}: ${problem}`);
      }
      expect(wrong).toEqual([]);
    },
    60_000 + schedules * 5_000,
  );

  /** One rollout whose AWS is at its worst: well, failed, or taken back while it runs; what was wrong with it. */
  async function play(seed: number): Promise<string | null> {
    const { fresh, moved, name } = await service();
    const kind = (["well", "fails", "taken back"] as const)[seed % 3];
    const command = kind === "taken back" ? ["forever", "0", name] : ["exit", kind === "well" ? "0" : "3", name];
    let moment = 0;
    let now = Date.now();
    const onClient = unreliable(chanceFrom(seed), () => moment);
    const open = (): ReturnType<typeof fresh> => fresh({ command, onClient, now: () => now, timeout: 3_600_000 });
    let of = open();
    const untilItEnds = async (move: () => Promise<Progress>, most = 300): Promise<Progress | null> => {
      for (let look = 0; look < most; look++) {
        moment += 1;
        now += 1000;
        try {
          const progress = await move();
          if (progress.phase !== "moving") return progress;
        } catch (thrown) {
          const isOver = messageOf(thrown).includes(killed);
          if (!isOver && codeOf(thrown) === undefined) throw thrown;
          // Whoever comes back may come in the same moment, and be answered from a copy of before.
          if (isOver) of = open();
        }
      }
      return null;
    };
    const ended = await untilItEnds(
      () => of.target.advance(of.rollout, plainFacts),
      kind === "taken back" ? 5 + (seed % 7) : 300,
    );
    const runs = await runsOf(command.join(" "));
    if (runs > 1) return `ran ${runs} times`;
    if (kind === "well")
      return ended?.phase === "succeeded" && runs === 1 && moved.length === 1 ? null : `${ended?.phase} after ${runs}`;
    if (kind === "fails" && (ended?.phase !== "failed" || runs !== 1)) return `${ended?.phase} after ${runs}`;
    if (moved.length > 0) return "something moved";
    const back = await untilItEnds(() => of.target.abort(of.rollout));
    const left = await tasksOf(name);
    if (back?.phase !== "succeeded" || left.length > 0) return `${back?.phase} on the way back, ${left.join()} left`;
    return (await runsOf(command.join(" "))) > 1 ? "ran again on the way back" : null;
  }

  test("one that is followed costs one call each look", async () => {
    const { fresh } = await service();
    const asked: string[] = [];
    const of = fresh({
      command: ["forever"],
      onClient: (client) =>
        client.middlewareStack.add(
          (next, context) => (args) => {
            asked.push(String(context.commandName).replace(/Command$/u, ""));
            return next(args);
          },
          { step: "initialize" },
        ),
    });
    await of.target.advance(of.rollout, plainFacts);
    asked.length = 0;
    await of.target.advance(of.rollout, plainFacts);
    expect(asked).toEqual(["DescribeTasks"]);
  });

  /** A daemon that dies right before it makes this call. */
  const failing =
    (at: (action: string) => boolean): NonNullable<AwsSessionOptions["onClient"]> =>
    (client) =>
      client.middlewareStack.add(
        (next, context) => (args) => {
          if (at(String(context.commandName).replace(/Command$/u, ""))) throw new Error("the daemon was killed");
          return next(args);
        },
        { step: "initialize" },
      );

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
