import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InfrastructurePlan, PlanBasis } from "./infrastructure.ts";
import { countChanges, destroyedBy, voidedBy } from "./infrastructure.ts";

const basis: PlanBasis = {
  stack: "network",
  environment: "staging",
  commit: "a".repeat(40),
  workspace: "default",
  serial: 4,
  lineage: "x",
  variables: "sha256:1",
  tool: "terraform 1.15.5",
};

const plan: InfrastructurePlan = {
  basis,
  changes: [],
  outputs: [],
  file: "sha256:2",
  plannedAt: "2026-11-21T10:00:00.000Z",
  expiresAt: "2026-11-22T10:00:00.000Z",
};

describe("a plan that was made", () => {
  test("may be applied while nothing has changed", () => {
    expect(voidedBy(plan, basis, "2026-11-22T09:59:59.999Z")).toEqual([]);
  });

  test("is void after its time", () => {
    expect(voidedBy(plan, basis, "2026-11-22T10:00:00.000Z")).toEqual(["it expired at 2026-11-22T10:00:00.000Z"]);
  });

  test("is void by any difference, which is named", () => {
    const other: PlanBasis = {
      stack: "x",
      environment: "x",
      commit: "b".repeat(40),
      workspace: "x",
      serial: null,
      lineage: null,
      variables: "sha256:9",
      tool: "tofu 1.11.0",
    };
    fc.assert(
      fc.property(fc.subarray(Object.keys(basis) as (keyof PlanBasis)[], { minLength: 1 }), (fields) => {
        const changed = { ...basis, ...Object.fromEntries(fields.map((field) => [field, other[field]])) };
        expect(voidedBy(plan, changed, plan.plannedAt)).toHaveLength(fields.length);
      }),
    );
  });
});

test("what is taken away has to be named, also where it is made anew", () => {
  const change = (
    address: string,
    action: "create" | "replace" | "destroy" | "read",
  ): InfrastructurePlan["changes"][number] => ({
    address,
    type: "x",
    action,
    from: null,
    reason: null,
    fields: [],
  });
  const changes = [change("a", "create"), change("b", "replace"), change("c", "destroy"), change("d", "read")];
  expect(destroyedBy(changes)).toEqual(["b", "c"]);
  expect(countChanges(changes)).toEqual({ create: 1, update: 0, replace: 1, destroy: 1 });
});
