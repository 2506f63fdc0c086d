import fc from "fast-check";
import { expect, test } from "vitest";
import { nextRow } from "./next-row.ts";

test("rows are gone through one by one, from either end, and no further", () => {
  expect(nextRow({ count: 0, at: -1, by: 1, cameTo: null })).toBe(null);
  expect(nextRow({ count: 3, at: -1, by: 1, cameTo: null })).toBe(0);
  expect(nextRow({ count: 3, at: -1, by: -1, cameTo: null })).toBe(2);
  expect(nextRow({ count: 3, at: 1, by: 1, cameTo: null })).toBe(2);
  expect(nextRow({ count: 3, at: 2, by: 1, cameTo: null })).toBe(2);
  expect(nextRow({ count: 3, at: 0, by: -1, cameTo: null })).toBe(0);
});

test("after more rows were shown, the first of them is next, and the last that was there before is the one before", () => {
  // A hundred rows and what shows more; then two hundred and what shows more.
  expect(nextRow({ count: 201, at: 200, by: 1, cameTo: 100 })).toBe(100);
  expect(nextRow({ count: 201, at: 200, by: -1, cameTo: 100 })).toBe(99);
  // The last of them: what showed them is gone, and nothing has the focus.
  expect(nextRow({ count: 130, at: -1, by: 1, cameTo: 100 })).toBe(100);
  expect(nextRow({ count: 130, at: -1, by: -1, cameTo: 100 })).toBe(99);
});

test("what shows more and was not pressed is left like any row", () => {
  expect(nextRow({ count: 101, at: 100, by: -1, cameTo: 100 })).toBe(99);
  expect(nextRow({ count: 101, at: 100, by: 1, cameTo: 100 })).toBe(100);
});

test("the focus never goes where there is no row", () => {
  const place = fc.nat(300);
  fc.assert(
    fc.property(place, place, fc.constantFrom(1 as const, -1 as const), fc.option(place), (count, at, by, cameTo) => {
      const next = nextRow({ count, at: Math.min(at, count) - 1, by, cameTo });
      expect(next === null ? count === 0 : next >= 0 && next < count).toBe(true);
    }),
  );
});
