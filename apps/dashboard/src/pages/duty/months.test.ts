import { expect, test } from "vitest";
import { byDay, monthOf } from "./months.ts";

const now = Date.parse("2026-11-22T10:00:00Z");

test("a month has its days and its neighbours, over the end of a year and in February", () => {
  expect(monthOf("2026-12", now)).toMatchObject({
    ...{ from: "2026-12-01", until: "2026-12-31", before: "2026-11", after: "2027-01" },
    words: "December 2026",
  });
  expect(monthOf("2028-02", now)).toMatchObject({ until: "2028-02-29", after: "2028-03" });
});

test("what is written as no month is that of today", () => {
  for (const written of [undefined, "2026-13", "x", "99999-01"]) expect(monthOf(written, now).month).toBe("2026-11");
});

test("what is due stands under its day in UTC, earlier days first", () => {
  const all = [
    { due: "2026-11-30T23:59:59.999Z" },
    { due: "2026-11-02T01:15:00.000Z" },
    { due: "2026-11-30T00:00:00.000Z" },
  ];
  expect(byDay(all).map(({ day, rows }) => [day, rows.length])).toEqual([
    ["2026-11-02", 1],
    ["2026-11-30", 2],
  ]);
});
