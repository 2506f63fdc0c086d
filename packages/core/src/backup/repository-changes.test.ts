import { expect, test } from "vitest";
import { repositoryChanges } from "./repository-changes.ts";

const before = { backups: { old: "1", middle: "2", newest: "3" }, timelines: ["00000001"] };
const after = (change: object): ReturnType<typeof repositoryChanges> =>
  repositoryChanges(before, { ...before, ...change }, "newest");

test("what is made and what is expired beside a drill is none of its doing", () => {
  expect(after({})).toEqual({ wrong: [], expired: [] });
  expect(after({ backups: { ...before.backups, made: "4" } })).toEqual({ wrong: [], expired: [] });
  expect(after({ backups: { old: "1", newest: "3" }, timelines: [] })).toEqual({ wrong: [], expired: ["middle"] });
});

test("one that was changed, the newest that is gone, or a timeline that has begun is a drill's", () => {
  expect(after({ backups: { ...before.backups, old: "9" } }).wrong).toEqual(["old was changed"]);
  expect(after({ backups: { old: "1", middle: "2" } }).wrong).toEqual(["newest is gone, and was the newest"]);
  expect(after({ timelines: ["00000001", "00000002"] }).wrong).toEqual(["timeline 00000002 has begun"]);
});
