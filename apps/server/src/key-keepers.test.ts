import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyKeepers } from "@fairway/core";
import type { WrappedKey } from "@fairway/engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertKeysFor, writeKeyFile } from "./backup-keys.ts";
import { auditHeads, keyKeepers } from "./key-keepers.ts";

let folder: string;
let data: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairway-keepers-"));
  data = join(folder, "data");
  await mkdir(data);
  env = { XDG_CONFIG_HOME: join(folder, "config") };
});
afterEach(() => rm(folder, { recursive: true }));

const newKey = (): string => randomBytes(32).toString("base64");
const wrappedBy = async (keepers: KeyKeepers): Promise<WrappedKey> => {
  const keeper = await keepers.current();
  const wrapped = Buffer.from(await keeper.wrap(randomBytes(32))).toString("base64");
  return { id: "a", keeper: keeper.id, wrapped };
};

test("without a word the key lies in the configuration folder, and is made when it is first needed", async () => {
  const keepers = await keyKeepers(data, env);
  expect(keepers.place).toBe(join(folder, "config", "fairway", "keys"));
  await expect(readdir(keepers.place)).rejects.toMatchObject({ code: "ENOENT" });
  const { id } = await keepers.current();
  expect(await readdir(keepers.place)).toEqual([`${id}.key`]);
  expect(auditHeads(env)("ed25519-1")).toBe(join(folder, "config", "fairway", "audit-heads", "ed25519-1.jsonl"));
});

test("a key in the environment is taken, and no child inherits it", async () => {
  const told = { ...env, FAIRWAY_KEY: newKey() };
  const keepers = await keyKeepers(data, told);
  expect((await keepers.current()).id).toMatch(/^k-[0-9a-f]{16}$/);
  expect(told).not.toHaveProperty("FAIRWAY_KEY");
});

test("a key within the data directory is refused, whatever way leads there", async () => {
  const inside = join(data, "key");
  await writeFile(inside, newKey(), { mode: 0o600 });
  await symlink(data, join(folder, "way"));
  for (const file of [inside, join(folder, "way", "key"), join(data, "..", "data", "key")])
    await expect(keyKeepers(data, { ...env, FAIRWAY_KEY_FILE: file })).rejects.toThrow(
      "lies within the data directory",
    );
  await expect(keyKeepers(data, { XDG_CONFIG_HOME: data })).rejects.toThrow("lies within the data directory");
});

test("a file of a key that is missing, open to others or doubly told is refused with what to do", async () => {
  const file = join(folder, "key");
  await expect(keyKeepers(data, { ...env, FAIRWAY_KEY_FILE: file })).rejects.toThrow(`there is no file ${file}`);
  await writeFile(file, newKey());
  await chmod(file, 0o644);
  await expect(keyKeepers(data, { ...env, FAIRWAY_KEY_FILE: file })).rejects.toThrow("can be read by others");
  await expect(keyKeepers(data, { ...env, FAIRWAY_KEY: newKey(), FAIRWAY_KEY_FILE: file })).rejects.toThrow("both set");
});

test("a key service wraps and unwraps, and what it does not is told without what it said", async () => {
  const program = join(folder, "kms.sh");
  await writeFile(program, '#!/bin/sh\n[ "$1" = fail ] && { echo hush >&2; exit 4; }\ncat\n', { mode: 0o755 });
  const told = (command: unknown): Promise<KeyKeepers> =>
    keyKeepers(data, { ...env, FAIRWAY_KEY_COMMAND: JSON.stringify(command) });
  const keeper = await (await told(["/bin/sh", program, "ok"])).current();
  const key = randomBytes(32);
  expect(Buffer.from(await keeper.unwrap(await keeper.wrap(key)))).toEqual(key);
  const failing = await (
    await told([
      ["/bin/sh", program, "fail"],
      ["/bin/sh", program, "ok"],
    ])
  ).current();
  const said = await failing.wrap(key).catch(String);
  expect(said).toContain("the key service did not wrap (/bin/sh): exit code 4");
  expect(said).not.toContain("hush");
  await expect(told("rm -rf /")).rejects.toThrow("it is no list of words");
});

test("what a backup has sealed is asked for before anything changes, and a key that is brought is kept", async () => {
  const there = await keyKeepers(data, env);
  const wrapped = await wrappedBy(there);
  const file = join(folder, "apart");
  await writeKeyFile(file, join(folder, "backup"), [wrapped.keeper], there);
  await assertKeysFor([wrapped], there, null);

  const elsewhere = await keyKeepers(data, { XDG_CONFIG_HOME: join(folder, "elsewhere") });
  await expect(assertKeysFor([wrapped], elsewhere, null)).rejects.toMatchObject({
    code: "key_unusable",
    message: `the backup is sealed by ${wrapped.keeper}, which is not in ${elsewhere.place}`,
  });
  await writeFile(join(folder, "wrong"), newKey(), { mode: 0o600 });
  await expect(assertKeysFor([wrapped], elsewhere, join(folder, "wrong"))).rejects.toThrow("nor in");
  await expect(readdir(elsewhere.place)).rejects.toMatchObject({ code: "ENOENT" });
  const altered = { ...wrapped, wrapped: Buffer.alloc(60, 7).toString("base64") };
  await expect(assertKeysFor([altered], elsewhere, file)).rejects.toThrow("was altered");
  await assertKeysFor([wrapped], elsewhere, file);
  expect(await readdir(elsewhere.place)).toEqual([`${wrapped.keeper}.key`]);
  await assertKeysFor([], await keyKeepers(data, { XDG_CONFIG_HOME: join(folder, "none") }), null);
});

test("the key goes into no backup, and over no file", async () => {
  const keepers = await keyKeepers(data, env);
  const { id } = await keepers.current();
  const backup = join(folder, "backup");
  await expect(writeKeyFile(join(backup, "key"), backup, [id], keepers)).rejects.toThrow("would lie within the backup");
  await writeFile(join(folder, "mine"), "mine");
  await expect(writeKeyFile(join(folder, "mine"), backup, [id], keepers)).rejects.toMatchObject({
    code: "bad_request",
  });
  expect(await readFile(join(folder, "mine"), "utf8")).toBe("mine");
});
