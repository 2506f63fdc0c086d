import type { ReleaseId } from "@fairway/core";
import { expect, test } from "vitest";
import { infrastructureJobs } from "./stack-jobs.ts";
import { stackOf } from "./testing/stacks-under-test.ts";

const request = {
  stacks: [stackOf("network", "tofu"), stackOf("data", "tofu", { after: ["network"] })],
  environment: "staging",
  commit: "a".repeat(40),
  release: "r1" as ReleaseId,
  approvals: 1,
  needs: ["begin"],
} as const;

const needsOf = (mode: "change" | "destroy"): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(infrastructureJobs({ ...request, mode }).jobs.map(({ name, needs }) => [name, needs]));

test("a stack is planned once those that it needs are applied; taken away they go the other way round", () => {
  expect(needsOf("change")).toMatchObject({
    "plan:network": ["begin"],
    "apply:network": ["plan:network", "approval:network"],
    "plan:data": ["begin", "apply:network"],
  });
  expect(needsOf("destroy")).toMatchObject({ "plan:network": ["begin", "apply:data"], "plan:data": ["begin"] });
});

test("where there are no stacks there are no jobs", () => {
  expect(infrastructureJobs({ ...request, stacks: [], mode: "change" })).toEqual({ jobs: [], last: [] });
});
