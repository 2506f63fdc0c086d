import { expect, test } from "vitest";
import { staleAfter } from "./stale-after.ts";

test("a step makes only its own run stale, however many there are", () => {
  expect(staleAfter({ kind: "step.changed", subject: "run-7" })).toEqual([{ operation: "run", run: "run-7" }]);
});

test("a run that changes is seen in the overview and on its own page", () => {
  const stale = staleAfter({ kind: "run.changed", subject: "run-7" });
  expect(stale).toContainEqual({ operation: "status" });
  expect(stale).toContainEqual({ operation: "deployment", run: "run-7" });
});

test("a move of a rollout makes the overview no work, and a change of people is seen on the page of the record", () => {
  expect(staleAfter({ kind: "rollout.moved", subject: "run-7" })).toEqual([{ operation: "moves", run: "run-7" }]);
  expect(staleAfter({ kind: "people.changed", subject: "people" })).toContainEqual({ operation: "audit" });
});

test("an event of a kind that is not known has the overview asked again", () => {
  expect(staleAfter({ kind: "weather.changed", subject: "x" })).toContainEqual({ operation: "status" });
});
