import fc from "fast-check";
import { expect, test } from "vitest";
import { millisOf, textOfMillis } from "./duration.ts";

test.each([
  ["250ms", 250],
  ["2s", 2000],
  ["1.5s", 1500],
  ["5m", 300_000],
  ["1h", 3_600_000],
  [750, 750],
])("%s is %d milliseconds", (written, millis) => {
  expect(millisOf(written)).toBe(millis);
});

test.each(["", "5", "5 m", "-1s", "1d", "1h30m", "s"])("%j is no span of time", (written) => {
  expect(millisOf(written)).toBeUndefined();
});

test("a span is read back from the text it is written as", () => {
  fc.assert(fc.property(fc.nat(), (millis) => millisOf(textOfMillis(millis)) === millis));
});
