import { expect, test } from "vitest";
import type { BuiltInDuty, BuiltInFacts } from "./built-in-duties.ts";
import { builtInDuty, withBuiltIns } from "./built-in-duties.ts";
import { standingOf } from "./duty-standing.ts";

const roles = [{ name: "cto", people: [{ name: "toni", until: null }] }];
const clock = { before: (): null => null, after: (): null => null };
const well: BuiltInFacts = { freeze: null, approvals: { needed: 1, given: true }, incidents: [] };
const stateOf = (id: BuiltInDuty, facts: Partial<BuiltInFacts>, owner = "cto"): readonly string[] => {
  const duty = builtInDuty(id, owner, { file: "ops/gates.yaml", line: 1 });
  const standing = standingOf(duty, { passed: null, newest: null, waivers: [] }, roles, 0, clock);
  return withBuiltIns([standing], { ...well, ...facts }).map(({ state, why }) => `${state}: ${why}`);
};

test("a freeze is known without anybody's word", () => {
  expect(stateOf("freeze:none", {})).toEqual(["ok: nothing is frozen"]);
  const freeze = { because: "the end of the year", until: "2027-01-04T05:00:00.000Z" };
  expect(stateOf("freeze:none", { freeze })).toEqual([
    "failing: frozen until 2027-01-04T05:00:00.000Z: the end of the year",
  ]);
});

test("what a gate asks for whose owner nobody is any more is failing, also what Fairway knows itself", () => {
  for (const id of ["freeze:none", "approval:release", "scan:release", "incident:no-open-sev1"] as const)
    expect(stateOf(id, {}, "gone")).toEqual(["failing: nobody is gone any more"]);
});

test("an approval is due until it is asked for, and an environment that asks nobody has none", () => {
  expect(stateOf("approval:release", { approvals: { needed: 2, given: null } })).toEqual([
    "due: 2 must say yes once it is asked for",
  ]);
  expect(stateOf("approval:release", {})).toEqual(["ok: approved"]);
  expect(stateOf("approval:release", { approvals: { needed: 2, given: false } })).toEqual(["failing: 2 must say yes"]);
  expect(stateOf("approval:release", { approvals: { needed: 0, given: true } })).toEqual([
    "failing: the environment asks nobody: give it approvals",
  ]);
});

test("an open incident of severity 1 is named, and none is well", () => {
  expect(stateOf("incident:no-open-sev1", {})).toEqual(["ok: nothing speaks against it"]);
  const incidents = [{ number: 7, title: "orders are not filled", since: "2027-01-01T10:00:00.000Z" }];
  expect(stateOf("incident:no-open-sev1", { incidents })).toEqual([
    "failing: an incident of severity 1 is open, i7 since 2027-01-01T10:00:00.000Z: orders are not filled",
  ]);
});

test("a scan is owed for each release, and unknown until there was one", () => {
  expect(stateOf("scan:release", {})).toEqual(["unknown: nobody has shown it for this release"]);
});
