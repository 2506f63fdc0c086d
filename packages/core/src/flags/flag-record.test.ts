import { expect, test } from "vitest";
import { diffFlagRecords } from "./flag-record.ts";

const on = { on: true, definition: { state: "ENABLED", variants: { a: 1 } } };
const off = { on: false, definition: { variants: { a: 1 }, state: "DISABLED" } };

test("the flags of two releases differ by what became of each in each environment", () => {
  const from = { staging: { pay: on, search: on }, production: { pay: off } };
  const to = { staging: { pay: { ...on }, look: on }, production: { pay: on }, preview: { pay: off } };
  expect(diffFlagRecords(from, to).map(({ environment, key, change }) => `${environment}/${key} ${change}`)).toEqual([
    "preview/pay added",
    "production/pay changed",
    "staging/look added",
    "staging/search removed",
  ]);
  expect(diffFlagRecords(from, from)).toEqual([]);
  expect(diffFlagRecords({}, { constructor: { toString: on } })).toHaveLength(1);
});
