import { expect, test } from "vitest";
import { runsCommand, runsSearchOf } from "./runs-search.ts";

test("a link holds which runs, and nothing that there is not", () => {
  expect(
    runsSearchOf({ text: 42, kind: "deployment", state: "failed", environment: "production", who: "dana", page: 7 }),
  ).toEqual({ text: "42", kind: "deployment", state: "failed", environment: "production", who: "dana" });
  expect(runsSearchOf({ open: "true" })).toEqual({ open: true });
  expect(runsSearchOf({ text: "", kind: "party", state: "__proto__", who: {} })).toEqual({});
});

test("the command shows the same", () => {
  expect(runsCommand({})).toBe("fairway runs");
  expect(runsCommand({ open: true, kind: "duty" })).toBe("fairway runs --active --kind duty");
  expect(runsCommand({ text: "it's r8", environment: "production", who: "dana" })).toBe(
    String.raw`fairway runs --env production --by dana --text 'it'\''s r8'`,
  );
});
