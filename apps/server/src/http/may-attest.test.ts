import type { Actor, Duty, DutyPlan } from "@fairway/core";
import { localActor } from "@fairway/core";
import { expect, test } from "vitest";
import type { Attestor } from "./may-attest.ts";
import { assertMayAttest } from "./may-attest.ts";

const drill: Duty = {
  ...{ id: "drill/db", title: "Drill", owner: "lead", escalation: ["cto"], environment: null },
  cadence: { kind: "standing" },
  ...{ grace: 0, warnings: [], task: null, automation: null, digest: null },
  place: { file: "ops/duties.yaml", line: 1 },
};
const plan: DutyPlan = {
  ...{ commit: "one", gates: [], duties: [drill], waivers: { longest: 0, approvers: [] } },
  roles: [
    { name: "lead", people: [{ name: "ada", until: null }] },
    { name: "cto", people: [{ name: "toni", until: null }] },
  ],
};
const may = (actor: Actor, token: Attestor["token"] = null): boolean => {
  try {
    assertMayAttest(plan, "drill/db", { actor, token }, "2026-01-01");
    return true;
  } catch {
    return false;
  }
};
const person = (name: string): Actor => ({ kind: "person", id: `p-${name}`, name });
const tokenOf = (name: string): Actor => ({
  kind: "token",
  ...{ id: "t-1", name: "ada", owner: { id: `p-${name}`, name } },
});

test("people show what they owe or hear of, and whoever sits at the machine shows any", () => {
  expect([may(person("ada")), may(person("toni")), may(person("eve"))]).toEqual([true, true, false]);
  expect(may(localActor("eve"))).toBe(true);
});

test("a personal token shows what its owner may, whatever it is called, and a service token any", () => {
  expect([may(tokenOf("toni"), "personal"), may(tokenOf("eve"), "personal")]).toEqual([true, false]);
  expect(may(tokenOf("eve"), "service")).toBe(true);
});
