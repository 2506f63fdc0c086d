import { expect, test } from "vitest";
import { pullOf } from "./pull-of.ts";

test.each([
  ["Merge pull request #12 from ada/cart", 12],
  ["Merge pull request 'Show the cart' (#7) from cart into main", 7],
  ["Show the cart (#345)", 345],
  ["Show the cart (!8)", 8],
  ["Fixes #12", null],
  ["Show the cart (#345) again", null],
  ["", null],
  [`(#${"9".repeat(400)})`, null],
])("%s", (subject, number) => {
  expect(pullOf(subject)).toBe(number);
});
