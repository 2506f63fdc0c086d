import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { KeyKeeper, KeyKeepers } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { decrypt, encrypt, keyLength } from "./cipher.ts";

const ending = ".key";

/**
 * Keys in a folder, each in a file named for it, `<id>.key`: 32 bytes in base64, for nobody else to read. The newest is the
 * current one. A new key is a new file, so nothing is ever written over, and a kill leaves at most a key that nobody uses.
 */
export function folderKeepers(folder: string): KeyKeepers {
  const make = async (): Promise<KeyKeeper> => {
    const key = randomBytes(keyLength);
    const keeper = keeperOfKey(key);
    await addKeyFile(folder, key);
    return keeper;
  };
  const keyOf = async (id: string): Promise<Buffer | null> => {
    if (!/^k-[0-9a-f]{16}$/.test(id)) return null;
    const path = join(folder, `${id}${ending}`);
    const text = await readKeyFile(path);
    if (text === null) return null;
    const key = keyFrom(text, path);
    const { id: found } = keeperOfKey(key);
    if (found === id) return key;
    throw new FairwayError("key_unusable", `${path} holds another key, ${found}`);
  };
  const byId = async (id: string): Promise<KeyKeeper | null> => {
    const key = await keyOf(id);
    return key === null ? null : keeperOfKey(key);
  };
  return {
    place: folder,
    folder,
    keyOf,
    byId,
    next: make,
    async current() {
      const [newest] = await keyFiles(folder);
      return newest === undefined ? make() : ((await byId(newest)) ?? make());
    },
  };
}

/** Keys that were told, the current one first: from a variable or a file, which are not ours to write. */
export function givenKeepers(text: string, place: string): KeyKeepers {
  const keys = text
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word) => keyFrom(word, place));
  const keepers = keys.map(keeperOfKey);
  const [current] = keepers;
  if (current === undefined) throw unusable(place, "it is empty");
  return {
    place,
    folder: null,
    keyOf: async (id) => keys[keepers.findIndex((keeper) => keeper.id === id)] ?? null,
    current: async () => current,
    byId: async (id) => keepers.find((keeper) => keeper.id === id) ?? null,
    next: async () => {
      if (keepers.length > 1) return current;
      throw new FairwayError("key_unusable", `the key in ${place} is the only one there, so there is none to move to`, {
        hint: "put a new key before it, separated by a comma, start the daemon anew and ask again",
      });
    },
  };
}

/** A key as people keep it. Throws `key_unusable` for what is no key, or one that anybody would try first. */
function keyFrom(text: string, place: string): Buffer {
  const word = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(word) ? Buffer.from(word, "hex") : Buffer.from(word, "base64");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(word) || key.length !== keyLength)
    throw unusable(place, `a key is ${keyLength} bytes in base64 or hexadecimal`);
  // 32 random bytes have fewer than 12 different ones about once in 10^30.
  if (new Set(key).size < 12) throw unusable(place, "it can be guessed");
  return key;
}

/** A key in the memory of this process. */
function keeperOfKey(key: Uint8Array): KeyKeeper {
  const id = `k-${createHash("sha256").update("fairway sealing key\n").update(key).digest("hex").slice(0, 16)}`;
  const about = Buffer.from(id);
  return {
    id,
    wrap: async (inner) => encrypt(key, inner, about),
    unwrap: async (wrapped) => {
      const inner = decrypt(key, wrapped, about);
      if (inner === null) throw new FairwayError("key_unusable", `what ${id} has sealed in the database was altered`);
      return inner;
    },
  };
}

/** Writes a key into the folder, whole or not at all. May be repeated; answers with its id. */
export async function addKeyFile(folder: string, key: Uint8Array): Promise<string> {
  const { id } = keeperOfKey(key);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw notWritten(folder, thrown);
  });
  const aside = join(folder, `.${id}.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(aside, "wx", 0o600);
    try {
      await file.writeFile(`${Buffer.from(key).toString("base64")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(aside, join(folder, `${id}${ending}`)).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== "EEXIST") throw thrown;
    });
    const directory = await open(folder, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (thrown) {
    throw notWritten(folder, thrown);
  } finally {
    await rm(aside, { force: true });
  }
  return id;
}

/** Ids of the keys of a folder, the newest first. */
async function keyFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return [];
    throw new FairwayError("key_unusable", `could not read ${folder}: ${thrown.message}`, { cause: thrown });
  });
  const found = await Promise.all(
    names
      .filter((name) => /^k-[0-9a-f]{16}\.key$/.test(name))
      .map(async (name) => {
        const { mtimeMs } = await stat(join(folder, name));
        return { id: name.slice(0, -ending.length), mtimeMs };
      }),
  );
  return found
    .toSorted((one, other) => other.mtimeMs - one.mtimeMs || (one.id < other.id ? -1 : 1))
    .map(({ id }) => id);
}

/** The text of a file of keys; null when there is none. Throws `key_unusable` when others may read it. */
export async function readKeyFile(path: string): Promise<string | null> {
  const file = await open(path, "r").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw new FairwayError("key_unusable", `could not read ${path}: ${thrown.message}`, { cause: thrown });
  });
  if (file === null) return null;
  try {
    // Of what is open, so that no other file can take its place in between.
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new FairwayError("key_unusable", `${path} can be read by others, so it is not used`, {
        hint: `keep it to yourself: chmod 600 ${path}; and exchange the key: fairway secrets rotate-key`,
      });
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

const unusable = (place: string, why: string): FairwayError =>
  new FairwayError("key_unusable", `the key in ${place} cannot be used: ${why}`, {
    hint: "make one with: openssl rand -base64 32",
  });

const notWritten = (folder: string, thrown: unknown): FairwayError =>
  new FairwayError("key_unusable", `could not write a key into ${folder}: ${String(thrown)}`, {
    hint: "make the folder writable for the daemon, or give it a key with FAIRWAY_KEY_FILE",
    cause: thrown,
  });
