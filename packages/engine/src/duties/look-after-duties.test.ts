import type { Release } from "@fairway/core";
import { expect, test } from "vitest";
import { asksToBeRead } from "./look-after-duties.ts";

const made = (sha: string, minute: number): Pick<Release, "revision" | "createdAt"> => ({
  revision: { sha, short: sha } as Release["revision"],
  createdAt: `2026-01-20T12:0${minute}:00.000Z`,
});
const read = (looked: string, minute: number): { looked: string; lookedAt: string } => ({
  looked,
  lookedAt: `2026-01-20T12:0${minute}:00.000Z`,
});

test.each([
  ["nothing was read yet", made("one", 1), { looked: null }, true],
  ["an older version read another", made("two", 1), { looked: "one" }, true],
  ["it is newer than what was read", made("two", 2), read("one", 1), true],
  ["it was read already", made("one", 2), read("one", 1), false],
  [
    "somebody read another commit since, which may be held until an owner says yes",
    made("one", 1),
    read("two", 2),
    false,
  ],
])("whether the duties of a release's commit are read, where %s", (_, release, before, is) => {
  expect(asksToBeRead(release, before)).toBe(is);
});
