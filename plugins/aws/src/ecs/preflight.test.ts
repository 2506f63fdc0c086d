import type { Rollout } from "@fairway/core";
import { expect, test } from "vitest";
import type { EcsLook } from "./ecs-look.ts";
import type { PreflightFacts } from "./preflight.ts";
import { breakerAt, preflight } from "./preflight.ts";
import { marksOf } from "./service-marks.ts";

const look: EcsLook = {
  arn: "arn",
  controller: "ECS",
  desired: 2,
  taskDefinition: "arn:aws:ecs:eu-central-1:1:task-definition/api:7",
  deployments: [],
  events: [],
  marks: marksOf(undefined),
  targetGroups: [],
  isShiftable: false,
  balanced: null,
};
const rolling: Rollout["strategy"] = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
const facts = (about: Partial<PreflightFacts> = {}): PreflightFacts => ({
  look,
  placement: { alarms: [], service: "api", codeDeploy: null },
  group: { lasting: [], forNow: [] },
  rollout: { strategy: rolling, desired: 2 },
  alarms: { firing: [], missing: [] },
  imageThere: true,
  oldImageThere: true,
  previousStatus: "ACTIVE",
  ...about,
});

test("nothing is said where nothing is wrong", () => {
  expect(preflight(facts())).toEqual({ refusals: [], warnings: [] });
});

test.each<[string, Partial<PreflightFacts>, RegExp]>([
  [
    "a service that CodeDeploy deploys",
    { look: { ...look, controller: "CODE_DEPLOY" } },
    /refuses UpdateService with another task definition/,
  ],
  ["somebody else's task sets", { look: { ...look, controller: "EXTERNAL" } }, /EXTERNAL/],
  [
    "a breaker where traffic is shifted",
    {
      look: { ...look, isShiftable: true },
      rollout: { strategy: { name: "blue-green", bake: 0, breakerThreshold: 3 }, desired: 2 },
    },
    /circuit breaker for rolling deployments only/,
  ],
  [
    "a breaker where CodeDeploy shifts traffic",
    {
      look: { ...look, controller: "CODE_DEPLOY" },
      placement: {
        alarms: [],
        service: "api",
        codeDeploy: { application: "shop", group: "api", configuration: null, hooks: {} },
      },
      rollout: { strategy: { name: "blue-green", bake: 0, breakerPercent: 50 }, desired: 2 },
    },
    /circuit breaker for rolling deployments only, and api is deployed blue-green; .*name `alarms`/,
  ],
  [
    "a service that CodeDeploy deploys, rolling, and so the way back of it too",
    { look: { ...look, controller: "CODE_DEPLOY" }, rollout: { strategy: rolling, desired: 1 } },
    /name its deployment group \(codeDeploy\), or give the service ECS's own deployment controller/,
  ],
  [
    "bounds within which no task can be started or stopped",
    { rollout: { strategy: { ...rolling, maximumPercent: 100 }, desired: 2 } },
    /between 100 and 100 percent of 2 ECS can neither start nor stop a task of api/,
  ],
  [
    "bounds of which that is true only at what is wanted by whoever scales the service",
    {
      look: { ...look, desired: 1 },
      rollout: { strategy: { ...rolling, minimumHealthyPercent: 50, maximumPercent: 150 }, desired: 0 },
    },
    /between 50 and 150 percent of 1 ECS can neither start nor stop/,
  ],
  [
    "a shift with nowhere to shift to",
    { rollout: { strategy: { name: "blue-green", bake: 0 }, desired: 2 } },
    /no alternate target group/,
  ],
  ["an image that is gone", { imageThere: false }, /not in its registry any more; build/],
  ["an alarm that fires already", { alarms: { firing: ["5xx"], missing: [] } }, /the alarm 5xx fires already/],
  ["an alarm that is not there", { alarms: { firing: [], missing: ["5xx"] } }, /there is no alarm 5xx/],
  [
    "a deployment that is under way",
    {
      look: {
        ...look,
        deployments: [
          {
            id: "ecs-svc/1",
            isPrimary: true,
            taskDefinition: "x/api:8",
            state: "IN_PROGRESS",
            reason: "",
            desired: 2,
            running: 0,
            pending: 2,
            failed: 0,
            since: 0,
          },
        ],
      },
    },
    /ecs-svc\/1 of api:8 is under way on api, and Fairway did not begin it/,
  ],
])("%s is refused", (_, about, words) => {
  const { refusals } = preflight(facts(about));
  expect(refusals).toHaveLength(1);
  expect(refusals[0]).toMatch(words);
});

test.each<[string, Partial<PreflightFacts>, RegExp]>([
  [
    "half of two tasks",
    { rollout: { strategy: { ...rolling, minimumHealthyPercent: 50 }, desired: 2 } },
    /at 2 tasks ECS may go down to 1 .* 100 and 200 never/,
  ],
  ["an old image that is gone", { oldImageThere: false }, /cannot bring it back/],
  [
    "a task definition that was deregistered",
    { previousStatus: "INACTIVE" },
    /api:7 was deregistered; a way back registers it again/,
  ],
])("%s is told, and done as it is written", (_, about, words) => {
  const { refusals, warnings } = preflight(facts(about));
  expect(refusals).toEqual([]);
  expect(warnings.join("\n")).toMatch(words);
});

test.each([
  ["ECS's own", {}, 1, 3],
  ["ECS's own of many tasks", {}, 25, 13],
  ["ECS's own of very many", {}, 1000, 200],
  ["a share", { breakerPercent: 10 }, 100, 10],
  ["a count, as it stands", { breakerThreshold: 2 }, 100, 2],
])("the breaker opens where ECS's does: %s", (_, about, desired, failures) => {
  expect(breakerAt({ strategy: { ...rolling, ...about }, desired })).toBe(failures);
});

test("what shifts traffic has no breaker", () => {
  expect(breakerAt({ strategy: { name: "blue-green", bake: 0 }, desired: 2 })).toBeNull();
});
