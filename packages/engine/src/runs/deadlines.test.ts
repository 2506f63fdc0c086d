import { expect, test } from "vitest";
import { ClockWatch } from "./deadlines.ts";

test("a clock that goes as clocks do has not jumped, and one that was set has jumped by that much", () => {
  const watch = new ClockWatch();
  const at = (seconds: number): Date => new Date(1_800_000_000_000 + seconds * 1_000);
  expect(watch.jump(at(0), 0)).toBe(0);
  expect(watch.jump(at(3), 3_020)).toBe(0);
  expect(watch.jump(at(3_606), 6_020)).toBe(3_600_000);
  expect(watch.jump(at(3_609), 9_020)).toBe(0);
  expect(watch.jump(at(9), 12_020)).toBe(-3_603_000);
});
