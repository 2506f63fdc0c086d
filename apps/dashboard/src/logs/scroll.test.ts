import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOf, rowsIn, scrolled, tallest } from "./scroll.ts";

const view = 600;
const total = fc.integer({ min: 1_000, max: 200_000_000 });

test("a list that a browser can scroll is where the browser is", () => {
  expect(scrolled({ top: 0, offset: 0 }, 1_234, view, tallest)).toEqual({ top: 1_234, offset: 0 });
  expect(placeOf(1_234, view, tallest)).toEqual({ top: 1_234, offset: 0 });
});

test("every place of a list can be shown, and the ends of the bar are the ends of the list", () => {
  fc.assert(
    fc.property(total, fc.double({ min: 0, max: 1, noNaN: true }), (height, part) => {
      const wanted = Math.floor(part * Math.max(0, height - view));
      const { top, offset } = placeOf(wanted, view, height);
      expect(top + offset).toBe(Math.min(wanted, Math.max(0, height - view)));
      expect(top).toBeLessThanOrEqual(Math.max(0, Math.min(height, tallest) - view));
      const end = scrolled({ top: 0, offset: 0 }, Math.min(height, tallest) - view, view, height);
      expect(end.top + end.offset).toBe(height - view);
      expect(scrolled({ top, offset }, 0, view, height).offset).toBe(0);
    }),
  );
});

test("nearby a list moves pixel by pixel, however long it is", () => {
  const before = placeOf(90_000_000, view, 180_000_000);
  const after = scrolled(before, before.top + 100, view, 180_000_000);
  expect(after.top + after.offset).toBe(90_000_100);
  expect(rowsIn(after, view, 18)).toEqual({ first: 5_000_005, last: 5_000_038 });
});
