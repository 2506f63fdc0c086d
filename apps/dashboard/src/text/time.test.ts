import { expect, test } from "vitest";
import { duration, exactTime, relativeTime, shortTime } from "./time.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

test.each([
  ["2026-03-01T11:59:58Z", "now"],
  ["2026-03-01T11:59:18Z", "42 s ago"],
  ["2026-03-01T11:30:00Z", "30 min ago"],
  ["2026-03-01T14:00:00Z", "in 2 h"],
  ["2026-02-26T12:00:00Z", "3 d ago"],
  ["2024-03-01T12:00:00Z", "2 y ago"],
])("%s is %s", (at, words) => {
  expect(relativeTime(at, now)).toBe(words);
});

test.each([
  [-5, "0 ms"],
  [340, "340 ms"],
  [1500, "1.5 s"],
  [80_000, "1 min 20 s"],
  [3_600_000, "1 h"],
  [90_000_000, "1 d 1 h"],
])("%d milliseconds are %s", (millis, words) => {
  expect(duration(millis)).toBe(words);
});

test("the exact time is told where the viewer is, and in UTC", () => {
  const told = exactTime("2026-03-01T12:00:00Z", "Asia/Tokyo");
  expect(told).toContain("21:00:00");
  expect(told).toContain("12:00:00 UTC");
});

test("what is no time is shown as it came", () => {
  expect(exactTime("soon")).toBe("soon");
});

test("a time to the minute is told where whoever looks is, and what is no time as it was written", () => {
  expect(shortTime("2026-11-24T02:15:00.000Z", "UTC")).toBe("24 Nov 2026, 02:15");
  expect(shortTime("2026-11-24T02:15:00.000Z", "Asia/Tokyo")).toBe("24 Nov 2026, 11:15");
  expect(shortTime("soon")).toBe("soon");
});
