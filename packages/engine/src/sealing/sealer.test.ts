import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { sealingKeys } from "../store/sealing-keys.ts";
import { folderKeepers, givenKeepers } from "./file-keepers.ts";
import { openSealer } from "./sealer.ts";

let store: Store;
let folder: string;
storeForTests(async (opened) => {
  store = opened;
  folder = await mkdtemp(join(tmpdir(), "fairway-keys-"));
  return () => rm(folder, { recursive: true });
});
afterEach(async () => {
  await store.rows("delete from fairway.sealing_keys");
  for (const name of await readdir(folder)) await rm(join(folder, name));
});

const words = Buffer.from("correct horse battery staple");

test("what is sealed opens for its purpose alone, also in the next daemon", async () => {
  const sealed = await openSealer(store, folderKeepers(folder)).seal("secret/a", words);
  expect(sealed.includes(words)).toBe(false);
  const next = openSealer(store, folderKeepers(folder));
  expect(await next.open("secret/a", sealed)).toEqual(words);
  await expect(next.open("secret/b", sealed)).rejects.toMatchObject({ code: "seal_broken" });
});

test("no two seals of the same words are alike", async () => {
  const sealer = openSealer(store, folderKeepers(folder));
  expect(await sealer.seal("p", words)).not.toEqual(await sealer.seal("p", words));
});

test("a changed byte anywhere keeps it shut", async () => {
  const sealer = openSealer(store, folderKeepers(folder));
  const sealed = await sealer.seal("p", words);
  for (let index = 0; index < sealed.length; index++) {
    const altered = Buffer.from(sealed);
    altered[index] = (altered[index] ?? 0) ^ 1;
    await expect(sealer.open("p", altered), `byte ${index}`).rejects.toMatchObject({ code: "seal_broken" });
  }
  for (const length of [0, 4, 11, 12, 20, 39, sealed.length - 1])
    await expect(sealer.open("p", sealed.subarray(0, length))).rejects.toMatchObject({ code: "seal_broken" });
});

test("sixteen that seal at once with no key there make one", async () => {
  const sealers = Array.from({ length: 16 }, () => openSealer(store, folderKeepers(folder)));
  const sealed = await Promise.all(sealers.map((sealer) => sealer.seal("p", words)));
  expect((await sealingKeys(store)).length).toBe(1);
  expect(await Promise.all(sealed.map((bytes) => openSealer(store, folderKeepers(folder)).open("p", bytes)))).toEqual(
    sealed.map(() => words),
  );
});

test("without the key, with another one or with an altered one it says which is missing and where", async () => {
  const sealed = await openSealer(store, folderKeepers(folder)).seal("p", words);
  const [name = ""] = await readdir(folder);
  const other = givenKeepers(randomBytes(32).toString("base64"), "FAIRWAY_KEY");
  await expect(openSealer(store, other).open("p", sealed)).rejects.toMatchObject({
    code: "key_unusable",
    message: `the key ${name.slice(0, -4)}, by which secrets are sealed, is not in FAIRWAY_KEY`,
  });
  await store.rows("update fairway.sealing_keys set wrapped = overlay(wrapped placing '\\x00'::bytea from 20)");
  await expect(openSealer(store, folderKeepers(folder)).open("p", sealed)).rejects.toMatchObject({
    code: "key_unusable",
  });
});

test("a key file is for nobody else, and one that others can read is refused", async () => {
  const sealed = await openSealer(store, folderKeepers(folder)).seal("p", words);
  const path = join(folder, (await readdir(folder))[0] ?? "");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await chmod(path, 0o640);
  await expect(openSealer(store, folderKeepers(folder)).open("p", sealed)).rejects.toThrow("can be read by others");
});

test.each([
  ["", "it is empty"],
  ["changeme", "a key is 32 bytes"],
  ["0".repeat(64), "it can be guessed"],
  [Buffer.alloc(32, "abc").toString("base64"), "it can be guessed"],
  [randomBytes(31).toString("base64"), "a key is 32 bytes"],
  [`${randomBytes(32).toString("base64")} no key`, "a key is 32 bytes"],
])("the key %j is refused without being shown", (text, why) => {
  expect(() => givenKeepers(text, "FAIRWAY_KEY")).toThrow(`the key in FAIRWAY_KEY cannot be used: ${why}`);
});
