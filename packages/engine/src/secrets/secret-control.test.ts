import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyKeepers, SecretSource } from "@fairway/core";
import { FairwayError, localActor } from "@fairway/core";
import { beforeEach, expect, test } from "vitest";
import { folderKeepers, givenKeepers } from "../sealing/file-keepers.ts";
import { openSealer } from "../sealing/sealer.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { SecretControl } from "./secret-control.ts";
import { secretControl } from "./secret-control.ts";
import { storedSecrets } from "./stored-secrets.ts";

let store: Store;
let folder: string;
storeForTests(async (opened) => {
  store = opened;
  folder = await mkdtemp(join(tmpdir(), "fairway-keys-"));
  return () => rm(folder, { recursive: true });
});
beforeEach(async () => {
  await store.rows("delete from fairway.secret_versions");
  await store.rows("delete from fairway.secrets");
  await store.rows("delete from fairway.sealing_keys");
  for (const name of await readdir(folder)) await rm(join(folder, name));
});

const nameSecret = (...parts: readonly string[]): string => Buffer.from(parts.join("/")).toString("hex").slice(-16);
const actor = localActor("ada");
const noFiles: SecretSource = { lookUp: async () => ({}) };

function opened(
  keepers: KeyKeepers = folderKeepers(folder),
  files = noFiles,
): { control: SecretControl; source: SecretSource } {
  const sealer = openSealer(store, keepers);
  const outside = { resolve: async (reference: string) => `<${reference}>` };
  return {
    control: secretControl({ store, sealer, keepers, nameSecret }),
    source: storedSecrets({ sql: store, sealer, outside, files, nameSecret }),
  };
}

const set = (control: SecretControl, name: string, value: string, environment: string | null = "production") =>
  control.set({ environment, name, value, actor });

test("what is about no environment gets what all share, and no environment's file is asked for the rest", async () => {
  const files: SecretSource = {
    lookUp: async (environment) => {
      throw new Error(`asked for the file of ${JSON.stringify(environment)}`);
    },
  };
  const { control, source } = opened(undefined, files);
  await set(control, "HOOK", "of-all", null);
  expect(await source.lookUp("", ["HOOK", "NOWHERE"])).toEqual({ HOOK: "of-all" });
});

test("a value is given as the version has it that was there, also when there is a newer one, and as it is now without", async () => {
  const { control, source } = opened();
  await set(control, "TOKEN", "first-value");
  await set(control, "SHARED", "all-first", null);
  const then = (await source.versions?.("production", ["TOKEN", "SHARED"])) ?? {};
  await set(control, "TOKEN", "second-value");
  await set(control, "SHARED", "all-second", null);
  await set(control, "NEW", "new-value");
  expect(await source.lookUpAt?.("production", ["TOKEN", "SHARED", "NEW"], then)).toEqual({
    TOKEN: "first-value",
    SHARED: "all-first",
    NEW: "new-value",
  });
  await control.remove({ environment: "production", name: "TOKEN", actor });
  expect(await source.lookUpAt?.("production", ["TOKEN"], then)).toEqual({});
});

test("a value is given where it was set, in versions, and lies nowhere in the database as it is", async () => {
  const { control, source } = opened();
  expect(await set(control, "TOKEN", "first-value")).toMatchObject({ version: 1, changed: true });
  expect(await set(control, "TOKEN", "first-value")).toMatchObject({ version: 1, changed: false });
  expect(await set(control, "TOKEN", "second-value")).toMatchObject({ version: 2, changed: true });
  expect(await source.lookUp("production", ["TOKEN", "OTHER"])).toEqual({ TOKEN: "second-value" });
  expect(await source.lookUp("staging", ["TOKEN"])).toEqual({});
  const [dump] = await store.rows<{ all: string }>(
    `select (select json_agg(v)::text from fairway.secret_versions v) || (select json_agg(a)::text from fairway.audit a) as all`,
  );
  expect(dump?.all).not.toContain("-value");
  expect(dump?.all).not.toContain(Buffer.from("second-value").toString("hex"));
});

test("an environment's own comes before its file, and both before what all share", async () => {
  const files: SecretSource = {
    lookUp: async (_environment, names) =>
      Object.fromEntries(["A", "B"].filter((name) => names.includes(name)).map((name) => [name, "file"])),
  };
  const { control, source } = opened(folderKeepers(folder), files);
  for (const name of ["A", "B", "C"]) await set(control, name, "shared", null);
  await set(control, "A", "own");
  const names = ["A", "B", "C", "D"];
  expect(await source.lookUp("production", names)).toEqual({ A: "own", B: "file", C: "shared" });
  expect(await source.versions?.("production", names)).toEqual({
    A: "v1",
    B: nameSecret("production", "B", "file"),
    C: "shared v1",
  });
  expect(await source.lookUp("workflows", ["C"])).toEqual({});
  expect(await source.lookUp("production.vars", ["C"])).toEqual({});
});

test("a rollback repeats an earlier version, and a removal takes every value for good", async () => {
  const { control, source } = opened();
  await set(control, "KEY", "one-one");
  await set(control, "KEY", "two-two");
  expect(await control.rollBack({ environment: "production", name: "KEY", actor, to: 1 })).toMatchObject({
    version: 3,
  });
  expect(await source.lookUp("production", ["KEY"])).toEqual({ KEY: "one-one" });
  const [facts] = await control.list();
  expect(facts).toMatchObject({ name: "KEY", environment: "production", current: 3 });
  expect(facts?.versions.map(({ version, by, repeats }) => [version, by, repeats])).toEqual([
    [3, "ada", 1],
    [2, "ada", null],
    [1, "ada", null],
  ]);
  await control.remove({ environment: "production", name: "KEY", actor });
  expect(await source.lookUp("production", ["KEY"])).toEqual({});
  expect(await control.list()).toEqual([]);
  const gone = control.rollBack({ environment: "production", name: "KEY", actor, to: 1 });
  await expect(gone).rejects.toMatchObject({ code: "not_allowed_now" });
  await expect(control.remove({ environment: "production", name: "KEY", actor })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(await set(control, "KEY", "new-new")).toMatchObject({ version: 4 });
});

test("many who set one secret at once make versions without gaps", async () => {
  const { control } = opened();
  const done = await Promise.allSettled(Array.from({ length: 5 }, (_, index) => set(control, "K", `value ${index}`)));
  const made = done.flatMap((one) => (one.status === "fulfilled" ? [one.value.version] : []));
  expect(made.toSorted((a, b) => a - b)).toEqual(made.map((_, index) => index + 1));
});

test("a version does not open in the place of another", async () => {
  const { control, source } = opened();
  await set(control, "KEY", "old-value");
  await set(control, "KEY", "new-value");
  await store.rows(`update fairway.secret_versions set sealed =
    (select sealed from fairway.secret_versions where version = 1) where version = 2`);
  await expect(source.lookUp("production", ["KEY"])).rejects.toMatchObject({ code: "seal_broken" });
});

test("a reference is asked for at each look, and says its own version", async () => {
  const { control, source } = opened();
  await control.set({ environment: "production", name: "DB", reference: "vault:secret/app#db", actor });
  expect(await source.lookUp("production", ["DB"])).toEqual({ DB: "<vault:secret/app#db>" });
  expect(await source.versions?.("production", ["DB"])).toEqual({ DB: "v1" });
  const wrong = control.set({ environment: "production", name: "DB", reference: "ftp:somewhere", actor });
  await expect(wrong).rejects.toMatchObject({ code: "bad_request" });
});

test("the exchange of the key leaves everything readable, and the old key opens nothing any more", async () => {
  const { control } = opened();
  await set(control, "A", "value of a");
  await set(control, "B", "value of b", null);
  const [old = ""] = await readdir(folder);
  const { key, before, sealedAnew } = await control.rotateKey(actor);
  expect([`${before[0]}.key`, sealedAnew]).toEqual([old, 2]);
  await rm(join(folder, old));
  const next = opened();
  expect(await next.source.lookUp("production", ["A", "B"])).toEqual({ A: "value of a", B: "value of b" });
  expect(await readdir(folder)).toEqual([`${key}.key`]);
  await set(next.control, "A", "newer value");
  expect((await opened().source.lookUp("production", ["A"]))["A"]).toBe("newer value");
});

test("an exchange that breaks off anywhere changes nothing", async () => {
  const { control } = opened();
  await set(control, "A", "value of a");
  const [old] = await readdir(folder);
  for (const breaking of ["wrap", "unwrap"] as const) {
    const keepers = folderKeepers(folder);
    const failing: KeyKeepers = {
      ...keepers,
      next: async () => ({
        ...(await keepers.next()),
        [breaking]: () => Promise.reject(new FairwayError("key_unusable", "the power went")),
      }),
    };
    await expect(opened(failing).control.rotateKey(actor)).rejects.toThrow("the power went");
  }
  for (const name of await readdir(folder)) if (name !== old) await rm(join(folder, name));
  expect(await opened().source.lookUp("production", ["A"])).toEqual({ A: "value of a" });
});

test("a key that was told is exchanged for the one put before it, and is not when it is alone", async () => {
  const [one, two] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  await set(opened(givenKeepers(one, "FAIRWAY_KEY")).control, "A", "value of a");
  await expect(opened(givenKeepers(one, "FAIRWAY_KEY")).control.rotateKey(actor)).rejects.toMatchObject({
    code: "key_unusable",
  });
  const both = opened(givenKeepers(`${two},${one}`, "FAIRWAY_KEY"));
  await both.control.rotateKey(actor);
  await expect(both.control.rotateKey(actor)).rejects.toMatchObject({ code: "not_allowed_now" });
  expect(await opened(givenKeepers(two, "FAIRWAY_KEY")).source.lookUp("production", ["A"])).toEqual({
    A: "value of a",
  });
});

test.each([
  ["", "is empty"],
  ["a".repeat(64 * 1024 + 1), "has more than 64 KiB"],
  ["hush\0hush", "has a NUL character"],
  ["hush\uD800", "is not UTF-8"],
])("a value that no program could be given is refused without being shown", async (value, why) => {
  const refused = await set(opened().control, "TOKEN", value).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ code: "bad_request" });
  expect(String(refused)).toContain(`the value of TOKEN ${why}`);
  expect(String(refused)).not.toContain("hush");
});

test.each(["", "1A", "A-B", "A=B", "A B", "$(id)", "a".repeat(129)])("the name %j is refused", async (name) => {
  await expect(set(opened().control, name, "value")).rejects.toMatchObject({ code: "bad_request" });
});

test("thousands of values are taken at once, whole, and given again", async () => {
  const { control, source } = opened();
  const names = Array.from({ length: 5000 }, (_, at) => `KEY_${at}`);
  const values = Object.fromEntries(names.map((name) => [name, `the value of ${name}`]));
  const first = await control.import({ environment: "production", actor, values });
  expect(first.filter(({ changed, version }) => changed && version === 1)).toHaveLength(names.length);
  const again = await control.import({
    environment: "production",
    actor,
    values: { ...values, KEY_7: "another value" },
  });
  expect(again.filter(({ changed }) => changed)).toEqual([
    { name: "KEY_7", environment: "production", version: 2, changed: true },
  ]);
  expect(await source.lookUp("production", ["KEY_7", "KEY_4999"])).toEqual({
    KEY_7: "another value",
    KEY_4999: "the value of KEY_4999",
  });
});
