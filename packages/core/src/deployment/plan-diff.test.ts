import { expect, test } from "vitest";
import type { ReleaseId } from "../ids.ts";
import type { DeploymentPlan, PlannedRollout } from "./plan.ts";
import { planDifferences } from "./plan-diff.ts";

const [r1, r2, r3] = ["r1", "r2", "r3"] as ReleaseId[] as [ReleaseId, ReleaseId, ReleaseId];

const rollout = (service: string, over: Partial<PlannedRollout> = {}): PlannedRollout => ({
  service,
  action: "replace",
  from: r1,
  to: r2,
  replicas: 2,
  strategy: { name: "recreate" },
  artifact: `sha256:${service}`,
  after: [],
  ...over,
});
const plan = (over: Partial<DeploymentPlan> = {}): DeploymentPlan => ({
  environment: "production",
  release: r2,
  releaseDigest: "sha256:r2",
  from: r1,
  reason: "promotion",
  rollouts: [rollout("api"), rollout("web")],
  retired: [],
  leftOut: [],
  approvals: 1,
  obstacles: [],
  ...over,
});

test("the same plan has no differences", () => {
  expect(planDifferences(plan(), plan())).toEqual([]);
});

test("each field that differs is named with what it was and is", () => {
  expect(planDifferences(plan(), plan({ from: r3, approvals: 2 }))).toEqual([
    "what runs there: was r1, is r3",
    "how many people must approve: was 1, is 2",
  ]);
  expect(planDifferences(plan(), plan({ from: null }))).toEqual(["what runs there: was r1, is nothing"]);
});

test("services that are new, gone or different are named, with the fields", () => {
  const now = plan({ rollouts: [rollout("api", { replicas: 3, from: r3 }), rollout("worker")], retired: ["web"] });
  expect(planDifferences(plan(), now)).toEqual([
    "the services that move: api differs in from, replicas",
    "the services that move: web is gone",
    "the services that move: worker is new",
    "the services that end: web is new",
  ]);
});

test("another order is a difference too", () => {
  expect(planDifferences(plan(), plan({ rollouts: [rollout("web"), rollout("api")] }))).toEqual([
    "the services that move: in another order",
  ]);
});
