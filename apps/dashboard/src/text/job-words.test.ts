import { expect, test } from "vitest";
import { jobWords } from "./job-words.ts";

test.each([
  ["rollout:web", "rollout", "web", "Rollout"],
  ["check:api/lint", "check", "api/lint", "Check"],
  ["lock", "lock", "Its turn", ""],
  ["verify", "verify", "Verify", ""],
  ["odd", "some-stage", "Odd", ""],
])("%s of the stage %s is %s", (name, stage, title, kind) => {
  expect(jobWords({ name, stage })).toEqual({ title, kind });
});
