import { expect, test } from "vitest";
import { withDeadline } from "./deadline.ts";

test("work that ends gives its result, and what it throws is thrown", () => {
  expect(withDeadline(60_000, "adding", () => 1 + 1)).toBe(2);
  expect(() =>
    withDeadline(60_000, "failing", () => {
      throw new RangeError("no");
    }),
  ).toThrow(RangeError);
});

test("work inside of other work has its own result", () => {
  expect(withDeadline(60_000, "outer", () => withDeadline(60_000, "inner", () => 1) + 1)).toBe(2);
});

test("work that never ends is stopped where it stands", () => {
  const forever = (): never => {
    for (;;);
  };
  expect(() => withDeadline(20, "reading ci.yml", forever)).toThrow(
    expect.objectContaining({ code: "deadline_passed", message: "reading ci.yml took longer than 0.02 s" }),
  );
});
