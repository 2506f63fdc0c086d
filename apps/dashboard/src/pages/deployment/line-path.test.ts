import { expect, test } from "vitest";
import { linePath } from "./line-path.ts";

const box = { width: 100, height: 10 };

test("a line goes through its values and is broken where one is missing", () => {
  expect(linePath([0, 5, null, 10, 10], 10, box)).toBe("M0 10L25 5M75 0L100 0");
});

test("one value alone is a level line", () => {
  expect(linePath([5], 10, box)).toBe("M0 5h100");
});
