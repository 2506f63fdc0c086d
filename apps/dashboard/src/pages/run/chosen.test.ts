import type { JobShape } from "@fairway/api";
import { expect, test } from "vitest";
import { chosen } from "./chosen.ts";

const step = (name: string, state: JobShape["state"]): JobShape["steps"][number] => ({
  name,
  title: null,
  state,
  startedAt: state === "pending" ? null : "2026-01-01T00:00:00Z",
  endedAt: null,
  message: null,
});
const job = (name: string, state: JobShape["state"], steps: readonly JobShape["steps"][number][] = []): JobShape => ({
  ...step(name, state),
  stage: "check",
  needs: [],
  attempt: 1,
  reason: null,
  steps: [...steps],
});

test("what failed is opened before what runs, and what runs before what is done", () => {
  const jobs = [
    job("a", "succeeded"),
    job("b", "running"),
    job("c", "failed", [step("one", "succeeded"), step("two", "failed")]),
  ];
  expect(chosen({ jobs }, {})).toMatchObject({ job: { name: "c" }, step: { name: "two" } });
  expect(chosen({ jobs: jobs.slice(0, 2) }, {}).job?.name).toBe("b");
  expect(chosen({ jobs: jobs.slice(0, 1) }, {}).job?.name).toBe("a");
});

test("a link decides, unless it names what is not there", () => {
  const jobs = [job("a", "succeeded", [step("one", "succeeded")]), job("b", "failed")];
  expect(chosen({ jobs }, { job: "a" })).toMatchObject({ job: { name: "a" }, step: { name: "one" } });
  expect(chosen({ jobs }, { job: "gone" }).job?.name).toBe("b");
  expect(chosen({ jobs: [] }, {})).toEqual({ job: undefined, step: undefined });
});
