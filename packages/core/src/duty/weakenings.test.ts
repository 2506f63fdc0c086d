import { expect, test } from "vitest";
import type { Duty, DutyGate, DutyPlan } from "./duty.ts";
import { duty, plan, roles } from "./testing/duties.ts";
import { weakenings } from "./weakenings.ts";

const gate: DutyGate = {
  environment: "production",
  require: ["drill/*", "content:disclosure"],
  mode: "block",
  owner: "cto",
};
const owed = { id: "drill/db", escalation: ["cto"], environment: "production", digest: "files" };
const before = plan({ gates: [gate], duties: [duty(owed)] });
const told = (after: Partial<DutyPlan>, from: DutyPlan = before): readonly string[] =>
  weakenings(from, { ...from, ...after }).map(({ what }) => what);
const toldOf = (given: Partial<Duty>): readonly string[] => told({ duties: [duty({ ...owed, ...given })] });

test("what a change takes from a gate is told, whichever way it is taken", () => {
  expect(told({})).toEqual([]);
  expect(told({ gates: [] })).toHaveLength(3);
  expect(told({ duties: [] })).toEqual(["production asked for drill/db, which is gone"]);
  expect(told({ gates: [{ ...gate, require: [...gate.require, "freeze:none"] }] })).toEqual([]);
});

test("what moves from a gate that holds to one that warns is told, while another still holds", () => {
  const gates: readonly DutyGate[] = [
    { ...gate, require: ["content:disclosure"] },
    { ...gate, require: ["drill/*"], mode: "warn" },
  ];
  expect(told({ gates })).toEqual(["production only warns of drill/*"]);
  expect(told({ gates: [gate] }, { ...before, gates })).toEqual([]);
});

test("what a duty owes less of is told: its times, its people, its environment, its files", () => {
  expect(toldOf({ grace: 1 })).toEqual(["drill/db is owed at other times than before"]);
  expect(toldOf({ owner: "cto" })).toEqual(["drill/db is owed by cto and no longer by lead"]);
  expect(toldOf({ escalation: [] })).toEqual(["drill/db escalates to others than before"]);
  expect(toldOf({ environment: "staging" })).toEqual(["drill/db is of staging and no longer of production"]);
  expect(toldOf({ digest: null })).toEqual(["drill/db does not watch files any more"]);
  expect(toldOf({ digest: "other files" })).toEqual([]);
});

test("who may say yes is told: the gate's owner, the people of its roles, and who waives for how long", () => {
  expect(told({ gates: [{ ...gate, owner: "lead" }] })).toEqual([
    "the gate of production is owned by lead and no longer by cto",
  ]);
  const eve = { name: "eve", until: null };
  const joined = roles.map((role) => (role.name === "cto" ? { ...role, people: [...role.people, eve] } : role));
  expect(told({ roles: joined })).toEqual(["others are cto than before, which production relies on"]);
  const elsewhere = roles.map((role) => (role.name === "gone" ? { ...role, people: [eve] } : role));
  expect(told({ roles: elsewhere })).toEqual([]);
  const { longest, approvers } = before.waivers;
  expect(told({ waivers: { longest: longest + 1, approvers } })).toHaveLength(1);
  expect(told({ waivers: { longest, approvers: [...approvers, "lead"] } })).toEqual([
    "lead may waive what production asks for",
  ]);
  expect(told({ waivers: { longest: longest - 1, approvers: [] } })).toEqual([]);
});

test("each environment's gate is its own owner's, and a duty of another environment is none of it", () => {
  const staging: DutyGate = { ...gate, environment: "staging", owner: "lead" };
  const both = plan({ gates: [gate, staging], duties: [duty(owed)] });
  const found = weakenings(both, { ...both, duties: [] });
  expect(found).toEqual([
    { environment: "production", owner: "cto", what: "production asked for drill/db, which is gone" },
  ]);
});
