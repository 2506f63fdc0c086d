import type { JobShape } from "@fairway/api";
import { expect, test } from "vitest";
import { stepState } from "./step-state.ts";

type Step = JobShape["steps"][number];

const step = (name: string, state: Step["state"]): Step => ({
  name,
  title: null,
  state,
  startedAt: state === "pending" ? null : "2026-11-22T10:00:00.000Z",
  endedAt: null,
  message: null,
});
const looks = (state: JobShape["state"], steps: readonly Step[]): readonly string[] =>
  steps.map((each) => stepState({ state, steps: [...steps] }, each));

test("the step at which a job failed looks failed, although what came of it is on record", () => {
  expect(looks("failed", [step("install", "succeeded"), step("test", "succeeded"), step("pack", "pending")])).toEqual([
    "succeeded",
    "failed",
    "pending",
  ]);
});

test("where a step says itself that it failed, the others stay as they are", () => {
  expect(looks("errored", [step("one", "errored"), step("two", "succeeded")])).toEqual(["errored", "succeeded"]);
});

test("the steps of a job that goes well look as they are", () => {
  expect(looks("running", [step("one", "succeeded"), step("two", "running")])).toEqual(["succeeded", "running"]);
});
