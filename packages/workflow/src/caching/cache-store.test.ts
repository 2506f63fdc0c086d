import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CacheName } from "./cache-entry.ts";
import { CacheStore } from "./cache-store.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "fairway-caches-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (limit = 1_000): Promise<CacheStore> => CacheStore.open({ directory, limit });
const name = (key: string, more: Partial<CacheName> = {}): CacheName => ({
  kind: "nx",
  scope: "main",
  key,
  version: "",
  ...more,
});

async function save(store: CacheStore, key: string, bytes: string, more: Partial<CacheName> = {}): Promise<void> {
  const blob = await store.receive(Readable.from([Buffer.from(bytes)]));
  if ("refused" in blob) throw new Error(blob.refused);
  await store.add(name(key, more), blob);
}

async function load(store: CacheStore, key: string): Promise<string | undefined> {
  const entry = store.find(name(key));
  if (entry === undefined || !(await store.isSound(entry))) return undefined;
  const bytes = await store.blobs.read(entry.digest, 0, entry.size - 1);
  return bytes === undefined ? undefined : text(bytes);
}

const keys = (store: CacheStore): readonly string[] => [...store.all()].map(({ key }) => key).toSorted();
const filesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(join(directory, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

it("gives back what was saved, also after a new start", async () => {
  const store = await open();
  await save(store, "a", "one");
  expect(await load(store, "a")).toBe("one");
  expect(await load(await open(), "a")).toBe("one");
});

it("keeps equal bytes once, and as long as anything names them", async () => {
  const store = await open();
  await save(store, "a", "same");
  await save(store, "b", "same");
  expect(store.size).toBe(4);
  await store.remove(name("a"));
  expect(await load(store, "b")).toBe("same");
  await store.remove(name("b"));
  expect(store.size).toBe(0);
  expect(await filesIn("blobs")).toEqual([]);
});

it("replaces what has the same name, and frees what it took", async () => {
  const store = await open();
  await save(store, "a", "old and long");
  await save(store, "a", "new");
  expect(await load(store, "a")).toBe("new");
  expect(store.size).toBe(3);
});

it("gives up what was used longest ago, but no artifact of the day, to keep within its limit", async () => {
  const first = await open(100);
  await save(first, "a", "a".repeat(30));
  await save(first, "b", "b".repeat(30));
  await save(first, "site", "c".repeat(30), { kind: "artifact" });
  // Times of use are those of the files; an hour lies between them.
  const entries = await filesIn("entries");
  for (const id of entries) await utimes(join(directory, "entries", id), 1_000, 1_000);
  const store = await open(100);
  expect(await load(store, "a")).toBe("a".repeat(30));
  await save(store, "d", "d".repeat(30));
  expect(keys(store)).toEqual(["a", "d", "site"]);
  await save(store, "e", "e".repeat(60));
  expect(keys(store)).toEqual(["e", "site"]);
  expect(store.size).toBeLessThanOrEqual(100);
});

it("makes room at the start when the limit was lowered", async () => {
  const store = await open(100);
  await save(store, "a", "a".repeat(40));
  await save(store, "b", "b".repeat(40));
  expect(keys(await open(50))).toEqual(["b"]);
});

it("refuses what could never be kept, and leaves nothing of it", async () => {
  const store = await open(10);
  expect(await store.receive(Readable.from([Buffer.alloc(6), Buffer.alloc(6)]))).toEqual({ refused: "too-large" });
  expect(await filesIn("staging")).toEqual([]);
});

it("leaves nothing of an upload that broke off", async () => {
  const store = await open();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("half");
      throw new Error("gone");
    })(),
  );
  await expect(store.receive(broken)).rejects.toThrow("gone");
  expect(await filesIn("staging")).toEqual([]);
});

it("puts right what a crash left: half an entry, a blob without a name, a name without its blob", async () => {
  const store = await open();
  await save(store, "a", "one");
  await save(store, "b", "two");
  const lost = store.find(name("b"));
  await store.blobs.remove(lost?.digest ?? "");
  const staged = await store.receive(Readable.from([Buffer.from("unnamed")]));
  if ("refused" in staged) throw new Error(staged.refused);
  await store.blobs.keep(staged);
  await store.receive(Readable.from([Buffer.from("never named")]));
  await writeFile(join(directory, "entries", "0".repeat(64)), '{"kind":"nx","sco');
  await writeFile(join(directory, "entries", `${"1".repeat(64)}.new`), "");

  const again = await open();
  expect(keys(again)).toEqual(["a"]);
  expect(await filesIn("blobs")).toHaveLength(1);
  expect(await filesIn("entries")).toHaveLength(1);
  expect(await filesIn("staging")).toEqual([]);
});

it("does not give bytes that are no longer what was saved, and forgets every name for them", async () => {
  const store = await open();
  await save(store, "a", "right");
  await save(store, "b", "right");
  const { digest } = store.find(name("a"))!;
  await writeFile(join(directory, "blobs", digest.slice(0, 2), digest), "wrong");
  const again = await open();
  expect(await load(again, "a")).toBeUndefined();
  expect(keys(again)).toEqual([]);
});

it("serves many who save and read the same at once", async () => {
  const store = await open(200);
  await Promise.all(
    Array.from({ length: 60 }, async (_, at) => {
      await save(store, `k${at % 5}`, `${at % 7}`.repeat(30));
      expect([undefined, 30]).toContain((await load(store, `k${(at + 1) % 5}`))?.length);
    }),
  );
  expect(store.size).toBeLessThanOrEqual(200);
  expect(keys(await open(200))).toEqual(keys(store));
});
