import fc from "fast-check";
import { expect, test } from "vitest";
import type { Approval } from "./approval.ts";
import { approvalGate } from "./approval.ts";

const answer = (by: string, what: "yes" | "no" = "yes", digest = "d", note: string | null = null): Approval => ({
  by,
  answer: what,
  digest,
  at: "2026-01-01T00:00:00.000Z",
  note,
});

test("nobody is needed: it is open", () => {
  expect(approvalGate(0, "d", [])).toMatchObject({ gate: "open" });
});

test("it tells how many more people are needed", () => {
  expect(approvalGate(2, "d", [])).toEqual({ gate: "waiting", until: "2 more people approve" });
  expect(approvalGate(2, "d", [answer("ann")])).toEqual({ gate: "waiting", until: "one more person approves" });
  expect(approvalGate(2, "d", [answer("ann"), answer("bob")])).toEqual({
    gate: "open",
    by: ["ann", "bob"],
    since: "2026-01-01T00:00:00.000Z",
  });
});

test("nobody counts twice, and an answer to something else does not count", () => {
  expect(approvalGate(2, "d", [answer("ann"), answer("ann")])).toMatchObject({ gate: "waiting" });
  expect(approvalGate(1, "d", [answer("ann", "yes", "older")])).toMatchObject({ gate: "waiting" });
  expect(approvalGate(1, "d", [answer("ann", "no", "older"), answer("bob")])).toMatchObject({ gate: "open" });
});

test("one no closes, with its reason", () => {
  expect(approvalGate(1, "d", [answer("ann"), answer("bob", "no", "d", "not on a Friday")])).toEqual({
    gate: "closed",
    reason: "bob said no: not on a Friday",
  });
});

test("the order of the answers changes nothing but whose no is told", () => {
  const answers = fc.array(
    fc.record({ by: fc.constantFrom("ann", "bob", "eve"), yes: fc.boolean(), digest: fc.constantFrom("d", "e") }),
  );
  fc.assert(
    fc.property(fc.nat(3), answers, (needed, given) => {
      const all = given.map(({ by, yes, digest }) => answer(by, yes ? "yes" : "no", digest));
      expect(approvalGate(needed, "d", all.toReversed()).gate).toBe(approvalGate(needed, "d", all).gate);
    }),
  );
});
