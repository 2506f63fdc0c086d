import { expect, test } from "vitest";
import { quartersUntil } from "./quarters.ts";

test("the quarter that is comes first, and those before it go on over the end of a year", () => {
  expect(quartersUntil(Date.parse("2027-05-31T23:00:00Z"), 4)).toEqual(["2027-Q2", "2027-Q1", "2026-Q4", "2026-Q3"]);
});

test("a quarter begins and ends with its days in UTC", () => {
  expect(quartersUntil(Date.parse("2026-12-31T23:59:59.999Z"), 1)).toEqual(["2026-Q4"]);
  expect(quartersUntil(Date.parse("2027-01-01T00:00:00Z"), 1)).toEqual(["2027-Q1"]);
});
