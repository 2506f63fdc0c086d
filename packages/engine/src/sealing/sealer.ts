import { randomBytes } from "node:crypto";
import type { KeyKeeper, KeyKeepers } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { SealingKey } from "../store/sealing-keys.ts";
import { addSealingKey, sealingKeys } from "../store/sealing-keys.ts";
import type { Sql } from "../store/store.ts";
import { decrypt, encrypt, keyLength } from "./cipher.ts";

/**
 * Seals what must not be read in the database: AES-256-GCM by a key that lies in the database sealed itself, by one that does
 * not. So the outer key is exchanged without touching what was sealed.
 */
export interface Sealer {
  /**
   * Seals bytes for a purpose, `webhook-secret/github` say: they open for no other, so nobody can put one sealed value in the
   * place of another. Each answer is another one. Not inside a transaction: the first one makes the keys.
   * Throws `key_unusable`.
   */
  seal(purpose: string, bytes: Uint8Array): Promise<Buffer>;
  /** The bytes again. Throws `key_unusable` without the key, `seal_broken` for another purpose or altered bytes. */
  open(purpose: string, sealed: Uint8Array): Promise<Buffer>;
}

const mark = Buffer.from("FWS1");
const idLength = 8;
const headLength = mark.length + idLength;

/** Opens nothing yet: keys are read, and the first ones made, when they are needed. */
export function openSealer(sql: Sql, keepers: KeyKeepers): Sealer {
  const known = new Map<string, Buffer>();

  async function keyOf(row: SealingKey): Promise<Buffer> {
    const had = known.get(row.id);
    if (had !== undefined) return had;
    const key = Buffer.from(await (await keeperOf(row, keepers)).unwrap(row.wrapped));
    known.set(row.id, key);
    return key;
  }

  async function inUse(): Promise<readonly [id: string, key: Buffer]> {
    // Asked each time: another daemon may have retired it.
    let row = (await sealingKeys(sql)).find(({ retired }) => !retired);
    if (row === undefined) {
      await addSealingKey(sql, await newSealingKey(await keepers.current()));
      row = (await sealingKeys(sql)).find(({ retired }) => !retired);
    }
    if (row === undefined) throw new FairwayError("internal", "there is no key to seal with although one was made");
    return [row.id, await keyOf(row)];
  }

  return {
    async seal(purpose, bytes) {
      const [id, key] = await inUse();
      const head = Buffer.concat([mark, Buffer.from(id, "hex")]);
      return Buffer.concat([head, encrypt(key, bytes, about(head, purpose))]);
    },
    async open(purpose, given) {
      const sealed = Buffer.from(given);
      const head = sealed.subarray(0, headLength);
      if (head.length < headLength || !head.subarray(0, mark.length).equals(mark)) throw broken(purpose);
      const id = head.subarray(mark.length).toString("hex");
      let key = known.get(id);
      if (key === undefined) {
        const row = (await sealingKeys(sql)).find((candidate) => candidate.id === id);
        if (row === undefined) throw broken(purpose);
        key = await keyOf(row);
      }
      const bytes = decrypt(key, sealed.subarray(headLength), about(head, purpose));
      if (bytes === null) throw broken(purpose);
      return bytes;
    },
  };
}

/** A key that seals values, sealed itself. */
export async function newSealingKey(keeper: KeyKeeper): Promise<Omit<SealingKey, "retired">> {
  const wrapped = Buffer.from(await keeper.wrap(randomBytes(keyLength)));
  return { id: randomBytes(idLength).toString("hex"), keeper: keeper.id, wrapped };
}

/** Who can open a sealing key. Throws `key_unusable` with where it was looked for. */
export async function keeperOf(
  { keeper: id }: Pick<SealingKey, "keeper">,
  keepers: Pick<KeyKeepers, "byId" | "place">,
): Promise<KeyKeeper> {
  const keeper = await keepers.byId(id);
  if (keeper !== null) return keeper;
  throw new FairwayError("key_unusable", `the key ${id}, by which secrets are sealed, is not in ${keepers.place}`, {
    hint: "put it back from where it is kept apart from the backups; see docs/how-to/secrets.md",
  });
}

/** The purpose is the last of it, so no two of them can be written alike. */
const about = (head: Buffer, purpose: string): Buffer => Buffer.concat([head, Buffer.from(purpose, "utf8")]);

const broken = (purpose: string): FairwayError =>
  new FairwayError("seal_broken", `what was sealed for ${JSON.stringify(purpose)} does not open`, {
    hint: "it was altered, or belongs to another database: set the value anew, or restore a backup",
  });
