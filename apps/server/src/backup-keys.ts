import { open } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import type { KeyKeepers } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { WrappedKey } from "@fairway/engine";
import { addKeyFile, givenKeepers, readKeyFile } from "@fairway/engine";

/**
 * Writes the keys that a backup needs into a file of their own, one a line, for nobody else to read. Refuses a file that is
 * there, and one within the backup: whoever took that would have both. Throws `bad_request`, `key_unusable`.
 */
export async function writeKeyFile(
  path: string,
  backup: string,
  needed: readonly string[],
  keepers: KeyKeepers,
): Promise<void> {
  if (`${resolve(path)}${sep}`.startsWith(`${resolve(backup)}${sep}`))
    throw new FairwayError("bad_request", `${path} would lie within the backup`, {
      hint: "keep the key apart from what it opens",
    });
  const keys: string[] = [];
  for (const id of needed) {
    const key = await keepers.keyOf(id);
    if (key === null)
      throw new FairwayError("key_unusable", `the key ${id} is not given away by ${keepers.place}`, {
        hint: "back up without --with-key, and see to it that this store of keys outlives the machine",
      });
    keys.push(`${Buffer.from(key).toString("base64")}\n`);
  }
  const file = await open(path, "wx", 0o600).catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `could not write the key to ${path}: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  });
  try {
    await file.writeFile(keys.join(""));
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Sees to it that what a backup has sealed can be opened here, before anything is changed: by the keys that are here, or by
 * those of a file, which are then kept. Throws `key_unusable` with the keys that are missing.
 */
export async function assertKeysFor(
  wrapped: readonly WrappedKey[],
  keepers: KeyKeepers,
  keyFile: string | null,
): Promise<void> {
  const brought = keyFile === null ? null : await keepersOf(keyFile);
  const missing: string[] = [];
  const toKeep = new Set<string>();
  for (const key of wrapped) {
    const here = await keepers.byId(key.keeper);
    const keeper = here ?? (await brought?.byId(key.keeper)) ?? null;
    if (keeper === null) missing.push(key.keeper);
    else await keeper.unwrap(Buffer.from(key.wrapped, "base64"));
    if (here === null && keeper !== null) toKeep.add(key.keeper);
  }
  if (missing.length > 0) throw missingKeys([...new Set(missing)], keepers, keyFile);
  for (const id of toKeep) await keep(id, brought, keepers);
}

async function keepersOf(path: string): Promise<KeyKeepers> {
  const text = await readKeyFile(path);
  if (text !== null) return givenKeepers(text, path);
  throw new FairwayError("key_unusable", `there is no file ${path}`, { hint: "name the file that --with-key wrote" });
}

async function keep(id: string, brought: KeyKeepers | null, keepers: KeyKeepers): Promise<void> {
  const key = (await brought?.keyOf(id)) ?? null;
  if (key === null || keepers.folder === null)
    throw new FairwayError("key_unusable", `the key ${id} cannot be put into ${keepers.place} by a restore`, {
      hint: "put it there yourself, behind the one that is there, and restore again",
    });
  await addKeyFile(keepers.folder, key);
}

const missingKeys = (ids: readonly string[], keepers: KeyKeepers, keyFile: string | null): FairwayError =>
  new FairwayError(
    "key_unusable",
    `the backup is sealed by ${ids.join(", ")}, which ${ids.length === 1 ? "is" : "are"} not in ${[keepers.place, keyFile].filter((place) => place !== null).join(" nor in ")}`,
    {
      hint: `bring the key that was kept apart: fairway restore … --key FILE, or put it into ${join(keepers.folder ?? "…", `${ids[0] ?? ""}.key`)}; nothing was changed`,
    },
  );
