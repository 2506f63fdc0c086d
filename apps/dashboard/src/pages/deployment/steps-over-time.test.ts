import { expect, test } from "vitest";
import { stepArea, stepPath } from "./steps-over-time.ts";

const box = { width: 100, height: 10 };
const values = [
  { at: 0, value: 0 },
  { at: 50, value: 2 },
];

test("a value holds until the next, and the last to the end", () => {
  expect(stepPath(values, 0, 100, 2, box)).toBe("M0 10H50V0H100");
});

test("an area goes down to the ground where it began", () => {
  expect(stepArea(values, 0, 100, 2, box)).toBe("M0 10H50V0H100V10H0Z");
});

test("nothing seen is nothing drawn, and no time is no division by it", () => {
  expect(stepPath([], 0, 100, 2, box)).toBe("");
  expect(stepPath(values, 5, 5, 0, box)).not.toContain("NaN");
});
