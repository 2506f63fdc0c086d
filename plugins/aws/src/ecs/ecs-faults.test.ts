import { chanceFrom, releaseThat, rolloutOf } from "@fairway/conformance";
import type { EcsPlacement, Progress, ReleaseId, RollingOptions, Rollout, Target } from "@fairway/core";
import { codeOf, messageOf, plainFacts } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { digestForTests } from "../../fixtures/digest.ts";
import type { AwsDouble } from "../../fixtures/double.ts";
import { awsDouble } from "../../fixtures/double.ts";
import { killed, unreliable } from "../../fixtures/faults.ts";
import { awsSession } from "../session/aws-session.ts";
import { ecsMemory, ecsTarget } from "./ecs-target.ts";

// As many schedules as a developer waits for. All of them: FAIRWAY_AWS_SCHEDULES=500.
const schedules = Number(process.env["FAIRWAY_AWS_SCHEDULES"] ?? 18);
// One of them again: FAIRWAY_AWS_SEED=17.
const only = process.env["FAIRWAY_AWS_SEED"];
const seeds = only === undefined ? Array.from({ length: schedules }, (_, index) => index + 1) : [Number(only)];
const rolling: RollingOptions = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
/** What ECS itself shifts, in all its ways. */
const shifts: readonly Rollout["strategy"][] = [
  { name: "blue-green", bake: 0 },
  { name: "canary", steps: [{ weight: 10, pause: 60_000 }], bake: 0 },
  { name: "linear", step: 25, every: 60_000, bake: 0 },
];
/** Every second one is shifted by ECS itself; the first of them all is. */
const strategyOf = (seed: number): Rollout["strategy"] =>
  seed % 2 === 1 ? (shifts[Math.floor(seed / 2) % shifts.length] ?? rolling) : rolling;

describe.skipIf(!needs("moto"))("ECS that fails in every way", () => {
  let aws: AwsDouble;
  beforeAll(async () => {
    aws = await awsDouble();
  });
  afterAll(() => aws.close());

  test(
    `no effect twice and no false green, in ${seeds.length} schedules of faults`,
    async () => {
      const wrong: string[] = [];
      const ends = new Set<string>();
      for (const seed of seeds) {
        const { ended, problem } = await play(seed).catch((thrown: unknown) => ({
          ended: "never",
          problem: messageOf(thrown),
        }));
        ends.add(ended);
        if (problem !== null) wrong.push(`seed ${seed}: ${problem}`);
        // Time passes for all that there is; what is done with is not to slow down the rest.
        await aws.ecs.deleteService({ cluster: "shop", service: `schedule-${seed}`, force: true });
      }
      expect(wrong).toEqual([]);
      // Every third release is broken: some go through, and some come back.
      expect(only === undefined ? [...ends].toSorted() : ["failed", "succeeded"]).toEqual(["failed", "succeeded"]);
    },
    60_000 + seeds.length * 5_000,
  );

  /** One rollout from its beginning to its end, and back where it failed; what was wrong with it. */
  async function play(seed: number): Promise<{ readonly ended: string; readonly problem: string | null }> {
    const chance = chanceFrom(seed * 7919);
    const name = `schedule-${seed}`;
    const strategy = strategyOf(seed);
    const place = await aws.service(name, 2, strategy === rolling ? {} : { loadBalancers: [shiftable] });
    const first = (await truth(name)).taskDefinition;
    const to = seed % 3 === 0 ? releaseThat("broken") : ("r2" as ReleaseId);
    const overtakenAt = chance() < 0.25 ? Math.floor(chance() * 6) : -1;
    const rollout = rolloutOf({ from: null, to, desired: 2, strategy });
    const world = faultyWorld(place, seed);
    let foreign: string | null = null;
    const pass = async (): Promise<void> => {
      await world.pass();
      if (world.moment() === overtakenAt) foreign = await overtake(name);
    };

    // A shift has no circuit breaker: what never starts stays so until the deadline of the environment, and is taken back then.
    const deadline = strategy !== rolling && seed % 3 === 0 ? 30 : null;
    const ended = await untilItEnds(world, (target) => target.advance(rollout, plainFacts), pass, deadline);
    const began = (await aws.effects()).filter(({ service, why }) => service === name && why === "updated");
    const mine = began.filter(({ taskDefinition }) => taskDefinition !== foreign && taskDefinition !== first);
    if (mine.length > 1) return { ended: ended.phase, problem: `began ${mine.length} deployments` };
    const succeeded = (await aws.knob("successes", { service: name })) as readonly string[];
    if (ended.phase === "succeeded")
      return {
        ended: ended.phase,
        problem:
          mine.length === 1 && succeeded.includes(mine[0]?.taskDefinition ?? "")
            ? null
            : "green, and it never succeeded",
      };
    const back = await untilItEnds(world, (target) => target.abort(rollout), pass);
    await aws.tick(10);
    const { taskDefinition } = await truth(name);
    const wanted = foreign ?? first;
    const isRight = taskDefinition === wanted && (foreign !== null || back.phase === "succeeded");
    return {
      ended: ended.phase,
      problem: isRight ? null : `${taskDefinition} runs after the way back, which ${back.phase}; ${wanted} was to`,
    };
  }

  interface FaultyWorld {
    readonly moment: () => number;
    pass(): Promise<void>;
    /** Another process each time the one before was killed. */
    target(): Target;
    kill(): void;
  }

  function faultyWorld(place: EcsPlacement, seed: number): FaultyWorld {
    const chance = chanceFrom(seed);
    let moment = 0;
    const disturb = unreliable(chance, () => moment);
    const open = (): Target =>
      ecsTarget({
        placement: place,
        session: awsSession(place, { attempts: 1, onClient: disturb }),
        memory: ecsMemory(),
        imageOf: (release: ReleaseId) =>
          Promise.resolve({
            reference: `registry.example/web@${digestForTests(release)}`,
            env: { FAIRWAY_RELEASE: release },
          }),
      });
    let target = open();
    return {
      moment: () => moment,
      target: () => target,
      kill: () => void (target = open()),
      pass: async () => {
        moment += 1;
        await aws.tick();
      },
    };
  }

  async function untilItEnds(
    world: FaultyWorld,
    move: (target: Target) => Promise<Progress>,
    pass: () => Promise<void>,
    deadline: number | null = null,
  ): Promise<Exclude<Progress, { phase: "moving" }>> {
    let last = "nothing";
    for (let look = 0; look < 200; look++) {
      if (look === deadline) return { phase: "failed", reason: "it took too long" };
      try {
        const progress = await move(world.target());
        if (progress.phase !== "moving") return progress;
        last = progress.message;
      } catch (thrown) {
        const isOver = messageOf(thrown).includes(killed);
        if (!isOver && codeOf(thrown) === undefined) throw thrown;
        // Whoever comes back may come in the same moment, and be answered from a copy of before.
        if (isOver) world.kill();
      }
      await pass();
    }
    throw new Error(`it never ended: ${last}`);
  }

  const truth = async (name: string): Promise<{ readonly taskDefinition: string }> => {
    const found = (await aws.census())[name];
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  };

  /** Somebody else deploys in the middle. */
  async function overtake(name: string): Promise<string> {
    const { taskDefinition } = await aws.ecs.registerTaskDefinition({
      family: `${name}-hotfix`,
      containerDefinitions: [{ name: "web", image: "registry.example/hotfix", memory: 64 }],
    });
    const arn = taskDefinition?.taskDefinitionArn ?? "";
    await aws.ecs.updateService({ cluster: "shop", service: name, taskDefinition: arn });
    return arn;
  }
});

/** Two target groups and the rules between them, as the team's infrastructure made them. */
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
