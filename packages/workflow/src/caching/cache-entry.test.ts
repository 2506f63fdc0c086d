import { describe, expect, it } from "vitest";
import { type CacheEntry, type CacheWish, chosenEntry } from "./cache-entry.ts";

const saved = (scope: string, key: string, number: number, more: Partial<CacheEntry> = {}): CacheEntry => ({
  kind: "actions",
  scope,
  key,
  version: "v",
  digest: String(number),
  size: 1,
  number,
  createdAt: number,
  facts: {},
  ...more,
});
const wish = (key: string, restoreKeys: readonly string[] = [], more: Partial<CacheWish> = {}): CacheWish => ({
  kind: "actions",
  scopes: ["feature", "main"],
  version: "v",
  key,
  restoreKeys,
  ...more,
});

describe("the entry that is given", () => {
  it("has exactly the key, if any has, be it the oldest", () => {
    const entries = [saved("main", "npm-1", 1), saved("main", "npm-12", 2)];
    expect(chosenEntry(entries, wish("npm-1"))?.number).toBe(1);
  });

  it("is else the newest that begins with the key, then with the restore keys in their order", () => {
    const entries = [saved("main", "npm-a", 1), saved("main", "npm-b", 2), saved("main", "pip-a", 3)];
    expect(chosenEntry(entries, wish("npm-"))?.number).toBe(2);
    expect(chosenEntry(entries, wish("npm-c", ["npm-", "pip-"]))?.number).toBe(2);
    expect(chosenEntry(entries, wish("npm-c", ["pip-", "npm-"]))?.number).toBe(3);
    expect(chosenEntry(entries, wish("npm-c", ["go-"]))).toBeUndefined();
  });

  it("is rather one of the own ref than a better one of the default branch", () => {
    const entries = [saved("feature", "npm-old", 1), saved("main", "npm-x", 2)];
    expect(chosenEntry(entries, wish("npm-x", ["npm-"]))?.number).toBe(1);
  });

  it("is never of another ref, kind or version", () => {
    const entries = [
      saved("other", "k", 1),
      saved("main", "k", 2, { version: "w" }),
      saved("main", "k", 3, { kind: "nx" }),
    ];
    expect(chosenEntry(entries, wish("k", ["k"]))).toBeUndefined();
  });
});
