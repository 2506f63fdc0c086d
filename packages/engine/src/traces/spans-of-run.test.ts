import type { RunId } from "@fairway/core";
import { expect, test } from "vitest";
import type { RunDetail } from "../runs/engine.ts";
import { spansOfRun } from "./spans-of-run.ts";

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const aJob = (name: string, over: object = {}): RunDetail["jobs"][number] =>
  ({
    name,
    stage: name.split(":")[0],
    attempt: 1,
    state: "succeeded",
    reason: null,
    startedAt: at(1),
    endedAt: at(5),
    steps: [],
    ...over,
  }) as unknown as RunDetail["jobs"][number];
const run = {
  id: "run-7" as RunId,
  kind: "deployment",
  title: "deploy r2 to production",
  subject: { environment: "production", release: "r2", reason: "promotion" },
  requestedBy: "ana",
  state: "failed",
  createdAt: at(0),
  startedAt: at(0),
  endedAt: at(9),
  jobs: [
    aJob("begin"),
    aJob("rollout:web", {
      state: "failed",
      reason: "3 of 3 failed",
      steps: [
        {
          seq: 1,
          attempt: 1,
          name: "advance",
          title: null,
          state: "succeeded",
          message: null,
          startedAt: at(2),
          endedAt: at(3),
        },
      ],
    }),
    aJob("verify", { state: "pending", startedAt: null, endedAt: null }),
  ],
} as unknown as RunDetail;

test("a run is one trace of what began: itself, its jobs and their steps, each within the other", () => {
  const spans = spansOfRun("shop", run);
  const name = (id: string | null): string | undefined => spans.find((span) => span.id === id)?.name;
  expect(spans.map((span) => [span.name, name(span.parent), span.trouble])).toEqual([
    ["deployment deploy r2 to production", undefined, "3 of 3 failed"],
    ["begin", "deployment deploy r2 to production", null],
    ["rollout:web", "deployment deploy r2 to production", "3 of 3 failed"],
    ["advance", "rollout:web", null],
  ]);
  expect(new Set(spans.map(({ trace }) => trace)).size).toBe(1);
  expect(spans[0]).toMatchObject({
    trace: expect.stringMatching(/^[0-9a-f]{32}$/),
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    attributes: { "cicd.pipeline.result": "failure", "deployment.environment.name": "production" },
  });
});

test("the same run has the same ids each time, and another project's has others", () => {
  expect(spansOfRun("shop", run)).toEqual(spansOfRun("shop", run));
  expect(spansOfRun("mill", run)[0]?.trace).not.toBe(spansOfRun("shop", run)[0]?.trace);
});

test("a run that has not ended has none", () => {
  expect(spansOfRun("shop", { ...run, endedAt: null })).toEqual([]);
});
