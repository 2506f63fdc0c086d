import { expect, test } from "vitest";
import { allOf, mayOf } from "./may.ts";

const vera = {
  name: "vera",
  somewhere: ["read" as const, "change" as const],
  may: [
    { environment: null, allowed: ["read" as const], refused: [] },
    {
      environment: "production",
      allowed: ["read" as const],
      refused: [{ permission: "change" as const, reason: "vera may not change anything in production" }],
    },
  ],
};

test("a refusal has the server's words", () => {
  expect(mayOf(vera, "change", "production")).toEqual({
    possible: false,
    reason: "vera may not change anything in production",
  });
});

test("what is allowed in one place is allowed somewhere, and not everywhere", () => {
  expect(mayOf(vera, "change")).toEqual({ possible: true });
  expect(mayOf(vera, "change", null).possible).toBe(false);
});

test("before it is known who looks, and in a place that is not known, nothing is allowed", () => {
  expect(mayOf(undefined, "read").possible).toBe(false);
  expect(mayOf(vera, "read", "moon").possible).toBe(false);
});

test("the first no is what is told", () => {
  const no = { possible: false, reason: "not now" } as const;
  expect(allOf({ possible: true }, no, { possible: false, reason: "never" })).toBe(no);
  expect(allOf()).toEqual({ possible: true });
});
