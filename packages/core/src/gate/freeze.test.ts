import { expect, test } from "vitest";
import { bothWindows, isOverridden } from "./freeze.ts";

const window = { because: "end of year", from: "2026-12-22T05:00:00.000Z", to: "2027-01-04T05:00:00.000Z" };

test("a window that the coming release takes away still holds, and one that it brings holds already", () => {
  const other = { ...window, because: "audit" };
  expect(bothWindows([window], undefined)).toEqual([window]);
  expect(bothWindows(undefined, [other])).toEqual([other]);
  expect(bothWindows([window, other], [{ ...window }])).toEqual([window, other]);
});

test("two different people override, one person twice does not", () => {
  expect(isOverridden([{ person: "ann" }, { person: "ann" }])).toBe(false);
  expect(isOverridden([{ person: "ann" }, { person: "bob" }])).toBe(true);
});
