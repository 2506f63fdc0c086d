import type { DutyTimesShape } from "@fairway/api";
import { expect, test } from "vitest";
import { dutyFeed } from "./duty-feed.ts";

const time = (given: Partial<DutyTimesShape> = {}): DutyTimesShape => ({
  ...{
    duty: "credential/stripe@production:rotate",
    title: "Exchange stripe",
    owner: "lead",
    environment: "production",
  },
  ...{ due: "2026-04-30T23:59:59.999Z", slot: "2026-04-30", outcome: null },
  ...given,
});
const lineOf = (feed: string, name: string): string | undefined =>
  feed.split("\r\n").find((line) => line.startsWith(`${name}:`));

test("a time has the same name in every feed, and a higher number once it is known how it ended", () => {
  const [open, ended] = [dutyFeed([time()], "a".repeat(40)), dutyFeed([time({ outcome: "met" })], "b".repeat(40))];
  expect(lineOf(open, "UID")).toBe(lineOf(ended, "UID"));
  expect([lineOf(open, "SEQUENCE"), lineOf(ended, "SEQUENCE")]).toEqual(["SEQUENCE:0", "SEQUENCE:1"]);
  expect(lineOf(dutyFeed([time({ slot: "2026-07-31" })], null), "UID")).not.toBe(lineOf(open, "UID"));
});

test("whatever a title holds, lines end as RFC 5545 wants, have 75 octets at most and begin nothing else", () => {
  const title = `Exchange; "a, b" \\ ü\nEND:VEVENT ${"é".repeat(200)}`;
  const feed = dutyFeed([time({ title })], null);
  expect(feed.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/u);
  for (const line of feed.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  expect(feed.match(/^END:VEVENT/gmu)).toHaveLength(1);
});
