import type { DoraShape } from "@fairway/api";
import { expect, test } from "vitest";
import { doraSearchOf } from "./dora-search.ts";
import { figuresOf, frequency } from "./dora-words.ts";

const none = {
  deployed: 0,
  perDay: 0,
  leadTime: { median: null, p90: null, changes: 0 },
  changeFailure: { part: 0, whole: 0, rate: null },
  recovery: { median: null, recovered: 0, open: 0 },
  rework: { part: 0, whole: 0, rate: null },
};
const environment = (over: Partial<DoraShape["environments"][number]>): DoraShape["environments"][number] => ({
  environment: "production",
  byDay: [],
  ...none,
  before: none,
  ...over,
});

test("where nothing happened there is nothing to compare", () => {
  const found = figuresOf(environment({}));
  expect(found.map(({ value, trend }) => [value, trend])).toEqual([
    ["none", "same"],
    ["–", null],
    ["–", null],
    ["–", null],
    ["–", null],
  ]);
});

test("more deployments are better, and more failures and longer times are worse", () => {
  const now = {
    deployed: 14,
    perDay: 2,
    leadTime: { median: 7_200_000, p90: 7_200_000, changes: 1 },
    changeFailure: { part: 1, whole: 4, rate: 0.25 },
    recovery: { median: 60_000, recovered: 1, open: 2 },
    rework: { part: 1, whole: 5, rate: 0.2 },
  };
  const before = {
    ...now,
    perDay: 1,
    leadTime: { ...now.leadTime, median: 3_600_000 },
    changeFailure: { part: 1, whole: 2, rate: 0.5 },
  };
  const found = figuresOf(environment({ ...now, before }));
  expect(found.map(({ trend }) => trend)).toEqual(["better", "worse", "better", "same", "same"]);
  expect(found.map(({ value }) => value)).toEqual(["2 a day", "2 h", "25 %", "1 min", "20 %"]);
  expect(found[3]?.of).toBe("1 recovery, 2 not mended yet");
});

test.each([
  [12.4, "12 a day"],
  [1, "1 a day"],
  [0.5, "3.5 a week"],
  [0.1, "3 a month"],
])("%s a day is %s", (perDay, words) => expect(frequency(perDay)).toBe(words));

test("a link holds the window and the service, and nothing that is not offered", () => {
  expect(doraSearchOf({ days: "7", service: "api" })).toEqual({ days: 7, service: "api" });
  expect(doraSearchOf({ days: 30 })).toEqual({});
  expect(doraSearchOf({ days: "1e9", service: 7, more: 1 })).toEqual({});
});
