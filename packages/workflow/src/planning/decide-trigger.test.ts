import { describe, expect, test } from "vitest";
import type { WorkflowEvent } from "../model/event.ts";
import { readWorkflow } from "../reading/read-workflow.ts";
import { decideTrigger } from "./decide-trigger.ts";
import { nextScheduledRuns } from "./schedule.ts";

function workflowOn(on: string) {
  const reading = readWorkflow(`on: ${on}\njobs: { a: { runs-on: x, steps: [{ run: echo }] } }\n`, "ci.yml");
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.workflow;
}

const push: WorkflowEvent = { name: "push", ref: "refs/heads/main", sha: "0", payload: {} };
const decide = (on: string, event: Partial<WorkflowEvent>) => decideTrigger(workflowOn(on), { ...push, ...event });

describe("an event starts a workflow, or says why not", () => {
  test.each<[string, string, Partial<WorkflowEvent>, true | string]>([
    ["without filters", "push", {}, true],
    ["another event", "pull_request", {}, "the workflow does not listen to push"],
    ["a branch that passes", "{ push: { branches: [main, staging] } }", {}, true],
    [
      "a branch that does not",
      "{ push: { branches: [staging] } }",
      {},
      "the branch main does not pass the filter on branches",
    ],
    [
      "an ignored branch",
      "{ push: { branches-ignore: [ma*] } }",
      {},
      "the branch main does not pass the filter on branches",
    ],
    [
      "a tag where branches are asked for",
      "{ push: { branches: ['**'] } }",
      { ref: "refs/tags/v1" },
      "the filter is on branches, and this is a tag",
    ],
    [
      "a branch where tags are asked for",
      "{ push: { tags: ['**'] } }",
      {},
      "the filter is on tags, and this is a branch",
    ],
    ["a tag that passes", "{ push: { tags: ['v*'], branches: [other] } }", { ref: "refs/tags/v1" }, true],
    [
      "a tag that does not",
      "{ push: { tags: ['v*', '!v1'] } }",
      { ref: "refs/tags/v1" },
      "the tag v1 does not pass the filter on tags",
    ],
    ["a tag, whatever the paths", "{ push: { paths: [docs/**] } }", { ref: "refs/tags/v1", changedPaths: ["a"] }, true],
    ["a path that passes", "{ push: { paths: [docs/**] } }", { changedPaths: ["a", "docs/b"] }, true],
    [
      "no path that passes",
      "{ push: { paths: [docs/**, '!docs/b'] } }",
      { changedPaths: ["a", "docs/b"] },
      "no changed path passes the filter on paths",
    ],
    [
      "only ignored paths",
      "{ push: { paths-ignore: [docs/**] } }",
      { changedPaths: ["docs/b"] },
      "no changed path passes the filter on paths",
    ],
    ["paths that nobody knows", "{ push: { paths: [docs/**] } }", {}, true],
    ["a deleted branch", "push", { payload: { deleted: true } }, "the ref was deleted"],
    [
      "a commit that asks to be skipped",
      "push",
      { payload: { head_commit: { message: "fix [skip ci]" } } },
      "the commit's message asks to skip it",
    ],
    ["a pull request that was opened", "pull_request", { name: "pull_request", type: "opened" }, true],
    [
      "a pull request that was closed",
      "pull_request",
      { name: "pull_request", type: "closed" },
      "pull_request is listened to for opened, synchronize, reopened, and this is closed",
    ],
    [
      "a pull request into another branch",
      "{ pull_request: { branches: [main] } }",
      { name: "pull_request", type: "opened", baseRef: "dev", headRef: "main" },
      "the branch dev does not pass the filter on branches",
    ],
    [
      "a schedule that has come due",
      "{ schedule: [{ cron: '0 1 * * *' }] }",
      { name: "schedule", schedule: "0 1 * * *" },
      true,
    ],
    [
      "another schedule",
      "{ schedule: [{ cron: '0 1 * * *' }] }",
      { name: "schedule", schedule: "0 2 * * *" },
      "no line of the schedule has come due",
    ],
    [
      "a start by hand that is not asked for",
      "push",
      { name: "workflow_dispatch" },
      "the workflow has no workflow_dispatch, so it cannot be started by hand",
    ],
    [
      "another workflow",
      "{ workflow_run: { workflows: [ci] } }",
      { name: "workflow_run", payload: { workflow_run: { name: "cd" } } },
      "it follows ci only",
    ],
  ])("%s", (_, on, event, expected) => {
    const { starts, reason } = decide(on, event);
    expect(starts ? true : reason).toBe(expected);
  });
});

describe("the inputs of a start by hand", () => {
  const on = `{ workflow_dispatch: { inputs: {
    who: { type: string, required: true }, loud: { type: boolean }, times: { type: number, default: 2 },
    where: { type: choice, options: [here, there] } } } }`;
  const start = (inputs: WorkflowEvent["inputs"]) =>
    decide(on, { name: "workflow_dispatch", ...(inputs && { inputs }) });

  test("are typed and completed", () => {
    expect(start({ WHO: "me", loud: "true", times: "3" })).toMatchObject({
      starts: true,
      inputs: { who: "me", loud: true, times: 3, where: "here" },
    });
    expect(start({ who: "" }).inputs).toEqual({ who: "", loud: false, times: 2, where: "here" });
  });

  test.each([
    [{}, "the input 'who' is required"],
    [{ who: "a", what: "b" }, "there is no input 'what'"],
    [{ who: "a", loud: "loud" }, "the input 'loud' is not a boolean"],
    [{ who: "a", times: "many" }, "the input 'times' is not a number"],
    [{ who: "a", where: "nowhere" }, "the input 'where' is not one of here, there"],
  ])("%j: %s", (inputs, reason) => {
    expect(start(inputs)).toMatchObject({ starts: false, reason });
  });
});

describe("a schedule", () => {
  const after = new Date("2026-03-28T23:30:00Z");
  const next = (cron: string, timezone = "UTC") =>
    nextScheduledRuns(workflowOn(`{ schedule: [{ cron: '${cron}', timezone: ${timezone} }] }`), after).map(({ at }) =>
      at.toISOString(),
    );

  test("comes due after the given time, never at it", () => {
    expect(next("30 23 * * *")).toEqual(["2026-03-29T23:30:00.000Z"]);
    expect(next("*/5 * * * *")).toEqual(["2026-03-28T23:35:00.000Z"]);
  });

  test("is in its own zone, also over the change to summer time", () => {
    expect(next("0 6 * * *", "Europe/Oslo")).toEqual(["2026-03-29T04:00:00.000Z"]);
  });
});
