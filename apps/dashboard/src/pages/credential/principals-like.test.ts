import { expect, test } from "vitest";
import { principalsLike } from "./principals-like.ts";

const decision = { choice: "keep", by: "ada", at: "2026-11-22T10:00:00.000Z", because: "needed" } as const;
const principal = (name: string, access: readonly string[], decided = false) => ({
  ...{ principal: name, kind: "user" as const, access: [...access], lastUsed: null, concerns: [] },
  decision: decided ? decision : null,
});
const all = [principal("robin", ["Admin"], true), principal("sam", ["Billing"]), principal("kim", ["admin-read"])];
const found = (text: string): readonly string[] => principalsLike(all, text).map((each) => each.principal);

test("whoever is not decided yet comes first, in the order they were listed", () => {
  expect(found("")).toEqual(["sam", "kim", "robin"]);
});

test("they are found by name and by what they can do, in any case of letters", () => {
  expect(found(" ADMIN ")).toEqual(["kim", "robin"]);
  expect(found("ob")).toEqual(["robin"]);
  expect(found("nobody")).toEqual([]);
});
