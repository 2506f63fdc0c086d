import fc from "fast-check";
import { expect, test } from "vitest";
import { extended, hashOfRange, isIn, lineRangeOf } from "./line-range.ts";

test("what is written into a link is read from it", () => {
  const line = fc.integer({ min: 1, max: 2_000_000 });
  fc.assert(
    fc.property(line, line, (one, other) => {
      const range = { first: Math.min(one, other), last: Math.max(one, other) };
      expect(lineRangeOf(hashOfRange(range))).toEqual(range);
      expect(lineRangeOf(`#L${one}-L${other}`)).toEqual(range);
    }),
  );
});

test.each(["", "L0", "L", "L-3", "line 7", "L1-L2-L3", "l7"])("%j is no lines", (hash) => {
  expect(lineRangeOf(hash)).toBeNull();
});

test("a line that is meant as well makes the range longer, on either side", () => {
  const range = { first: 10, last: 12 };
  expect(extended(range, 20)).toEqual({ first: 10, last: 20 });
  expect(extended(range, 5)).toEqual({ first: 5, last: 12 });
  expect(extended(null, 5)).toEqual({ first: 5, last: 5 });
  expect([isIn(range, 10), isIn(range, 13), isIn(null, 1)]).toEqual([true, false, false]);
});
