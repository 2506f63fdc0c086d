import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MigrationClass } from "./migration.ts";
import { phaseOf, widestClass } from "./migration.ts";

const classes: readonly MigrationClass[] = ["expand", "data", "contract", "irreversible", "unknown"];
const some = fc.array(fc.constantFrom(...classes));

describe("the class of what is done together", () => {
  test("is one of its parts, and never asks less than another of them", () => {
    fc.assert(
      fc.property(some, (parts) => {
        const widest = widestClass(parts);
        expect(parts.length === 0 ? ["expand"] : parts).toContain(widest);
        for (const part of parts) expect(widestClass([part, widest])).toBe(widest);
      }),
    );
  });

  test("does not depend on the order", () => {
    fc.assert(fc.property(some, (parts) => widestClass(parts) === widestClass(parts.toReversed())));
  });
});

test("nothing that old programs may fail by runs while they are there", () => {
  const before = classes.filter((one) => phaseOf(one) === "before-rollout");
  expect(before).toEqual(["expand", "data"]);
  expect(phaseOf("unknown")).toBe("ask");
});
