import fc from "fast-check";
import { expect, test } from "vitest";
import type { EcsDeployment, EcsLook } from "./ecs-look.ts";
import { backVerdict, ecsVerdict, primaryOf, stuckWhy } from "./ecs-verdict.ts";

const mine = "mine";
const marks = {
  epoch: 1,
  rollout: "1",
  before: "old",
  previous: "api:1",
  desired: 2,
  taskDefinition: "api:2",
  deployment: mine,
  back: null,
  held: null,
};

const deployment = (isPrimary: boolean): fc.Arbitrary<EcsDeployment> =>
  fc.record({
    id: fc.constantFrom(mine, "old", "other"),
    isPrimary: fc.constant(isPrimary),
    taskDefinition: fc.constantFrom("api:1", "api:2", "api:3"),
    state: fc.constantFrom("IN_PROGRESS", "COMPLETED", "FAILED"),
    reason: fc.constant("because"),
    desired: fc.nat(3),
    running: fc.nat(3),
    pending: fc.nat(2),
    failed: fc.nat(3),
    since: fc.constant(0),
  });

const look: fc.Arbitrary<EcsLook> = fc
  .tuple(fc.option(deployment(true)), fc.array(deployment(false), { maxLength: 2 }), fc.nat(3))
  .map(([primary, others, desired]) => ({
    arn: "arn",
    controller: "ECS",
    desired,
    taskDefinition: primary?.taskDefinition ?? "api:1",
    deployments: [...(primary === null ? [] : [primary]), ...others],
    events: [],
    marks,
    targetGroups: [],
    isShiftable: false,
    balanced: null,
  }));

test("green is only what is PRIMARY, is this very deployment, succeeded, and runs alone and whole", () => {
  fc.assert(
    fc.property(look, (seen) => {
      if (ecsVerdict(seen, marks).is !== "deployed") return;
      const primary = primaryOf(seen);
      expect(primary).toMatchObject({ id: mine, state: "COMPLETED" });
      expect(primary?.running).toBeGreaterThanOrEqual(seen.desired);
      for (const other of seen.deployments.filter((one) => one !== primary && one.id !== mine))
        expect(other.running + other.pending).toBe(0);
    }),
    { numRuns: 2000 },
  );
});

test("what ECS gave up is never waited for", () => {
  fc.assert(
    fc.property(look, (seen) => {
      const failed = seen.deployments.find(({ id }) => id === mine)?.state === "FAILED";
      expect(!failed || ecsVerdict(seen, marks).is === "rolled-back").toBe(true);
    }),
  );
});

test("back is only what ran before, whole and alone; somebody else's is never taken for it", () => {
  fc.assert(
    fc.property(look, (seen) => {
      const verdict = backVerdict(seen, marks);
      const primary = primaryOf(seen);
      const isBack = primary?.taskDefinition === "api:1" && primary.state === "COMPLETED";
      expect(verdict !== "back" || isBack).toBe(true);
      expect(primary?.taskDefinition !== "api:3" || verdict === "somebody else's").toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["an old copy that does not know it yet", [{ id: "old", taskDefinition: "api:1" }], "moving"],
  ["what ECS brought back", [{ id: "new", taskDefinition: "api:1" }], "rolled-back"],
  ["somebody else's", [{ id: "new", taskDefinition: "api:3" }], "superseded"],
  ["the same, forced anew", [{ id: "new", taskDefinition: "api:2" }], "superseded"],
] as const)("where its deployment is gone, %s is told apart", (_, deployments, is) => {
  const seen = deployments.map(({ id, taskDefinition }): EcsDeployment => ({
    id,
    taskDefinition,
    isPrimary: true,
    state: "COMPLETED",
    reason: "",
    desired: 2,
    running: 2,
    pending: 0,
    failed: 0,
    since: 0,
  }));
  const whole: EcsLook = {
    arn: "arn",
    controller: "ECS",
    desired: 2,
    taskDefinition: "",
    deployments: seen,
    events: [],
    marks,
    targetGroups: [],
    isShiftable: false,
    balanced: null,
  };
  expect(ecsVerdict(whole, marks).is).toBe(is);
});

test("no room said three times since it began is stalled; before it, or before tasks were started, says nothing", () => {
  const no = "(service api) was unable to place a task because no container instance met all of its requirements.";
  const said = (message: string, at: number): EcsLook["events"][number] => ({ message, at });
  const begun = { since: 10 };
  expect(stuckWhy({ events: [said(no, 30), said(no, 20)] }, begun)).toBeNull();
  expect(stuckWhy({ events: [said(no, 40), said(no, 30), said(no, 20)] }, begun)).toMatch(/^there is no room: /);
  expect(stuckWhy({ events: [said(no, 40), said(no, 30), said(no, 5)] }, begun)).toBeNull();
  const started = said("(service api) has started 1 tasks: (task 1).", 35);
  expect(stuckWhy({ events: [said(no, 40), started, said(no, 30), said(no, 20)] }, begun)).toBeNull();
});
