import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Approval } from "./approval.ts";
import { approvalGate } from "./approval.ts";
import type { ApprovalTerms, Approver } from "./approval-terms.ts";
import { whyNotCounted } from "./approval-terms.ts";

const hour = 3_600_000;
const noon = Date.parse("2026-01-02T12:00:00.000Z");
const approver = (name: string, more: Partial<Approver> = {}): Approver => ({
  id: `id-${name}`,
  name,
  email: `${name}@example.com`,
  roles: ["approver"],
  ...more,
});
const yes = (who: Approver, at = "2026-01-02T11:00:00.000Z"): Approval => ({
  by: who.name,
  answer: "yes",
  digest: "d",
  at,
  note: null,
  approver: who,
});

describe("who may not approve", () => {
  test.each<[string, ApprovalTerms, string]>([
    ["whoever asked for it", { requester: { id: "id-ann", name: "ann" } }, "asked for it"],
    [
      "whoever made the token that asked for it",
      { requester: { id: "t1", name: "ci", owner: { id: "id-ann", name: "ann" } } },
      "made the token that asked for it",
    ],
    ["whoever pushed what it came by", { sender: { name: "ann", email: "" } }, "pushed what it came by"],
    [
      "whoever pushed it, by the address that the forge tells",
      { sender: { name: "ann-at-work", email: "Ann@example.com" } },
      "pushed what it came by",
    ],
    ["an author, by address", { authors: [{ name: "A. Nn", email: "ANN@example.com" }] }, "wrote commits of it"],
    ["an author, by name", { authors: [{ name: "Ann", email: "ann@home.example" }] }, "wrote commits of it"],
    [
      "who has none of the roles",
      { from: [{ role: "admin" }, { person: "bob" }] },
      "is none of those who may: the role admin, bob",
    ],
  ])("%s", (_who, terms, reason) => {
    expect(whyNotCounted(approver("ann"), terms)).toBe(reason);
    expect(approvalGate(1, "d", [yes(approver("ann"))], terms, noon).gate).toBe("waiting");
  });

  test("and a no of theirs closes all the same", () => {
    const terms = { requester: { id: "id-ann", name: "ann" } };
    expect(approvalGate(1, "d", [{ ...yes(approver("ann")), answer: "no" }], terms, noon)).toMatchObject({
      gate: "closed",
    });
  });
});

test("a role, a name or an address lets in, however it is spelled", () => {
  for (const rule of [{ role: "approver" }, { person: "ANN" }, { person: "Ann@Example.com" }])
    expect(whyNotCounted(approver("ann"), { from: [rule] })).toBeNull();
});

test("an answer counts for as long as the terms say, and a new one of the same person renews it", () => {
  const terms = { expires: 24 * hour };
  const old = yes(approver("ann"), "2026-01-01T11:59:59.000Z");
  expect(approvalGate(1, "d", [old], terms, noon)).toEqual({ gate: "waiting", until: "one more person approves" });
  expect(approvalGate(1, "d", [old, yes(approver("ann"))], terms, noon)).toEqual({
    gate: "open",
    by: ["ann"],
    since: "2026-01-02T11:00:00.000Z",
  });
});

test("who is asked for is said with how many", () => {
  expect(approvalGate(2, "d", [], { from: [{ role: "approver" }, { person: "bob" }] }, noon)).toEqual({
    gate: "waiting",
    until: "2 more people approve, of the role approver, bob",
  });
});

test("one person is one, whatever names they use", () => {
  const renamed = { ...yes(approver("ann")), by: "anne", approver: approver("anne", { id: "id-ann" }) };
  expect(approvalGate(2, "d", [yes(approver("ann")), renamed], {}, noon)).toMatchObject({ gate: "waiting" });
});

test("more terms never open a gate that fewer kept shut", () => {
  const people = ["ann", "bob", "eve"].map((name) => approver(name));
  const terms = fc.record(
    {
      from: fc.array(fc.constantFrom({ role: "approver" }, { role: "admin" }, { person: "bob" }), { maxLength: 2 }),
      requester: fc.constantFrom(...people.map(({ id, name }) => ({ id, name }))),
      authors: fc.array(fc.constantFrom(...people.map(({ name }) => ({ name, email: "" })))),
      expires: fc.constantFrom(hour / 2, 24 * hour),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.nat(3), fc.subarray(people), terms, (needed, who, held) => {
      const answers = who.map((one) => yes(one));
      const isOpen = (terms: ApprovalTerms): boolean => approvalGate(needed, "d", answers, terms, noon).gate === "open";
      return !isOpen(held) || isOpen({});
    }),
  );
});
