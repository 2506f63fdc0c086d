import { randomBytes } from "node:crypto";
import type { KeyKeeper, KeyKeepers } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { SealingKey } from "../store/sealing-keys.ts";
import { addSealingKey, sealingKeys } from "../store/sealing-keys.ts";
import type { Sql } from "../store/store.ts";
import { keyLength } from "./cipher.ts";
import { keeperOf } from "./keyring.ts";
import { idLength, keyIdOf, openBy, sealBroken, sealBy } from "./sealed-form.ts";

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
  /** The same for many, in their order; the key is looked for once. */
  sealAll(things: readonly Unsealed[]): Promise<readonly Buffer[]>;
  /** The bytes again. Throws `key_unusable` without the key, `seal_broken` for another purpose or altered bytes. */
  open(purpose: string, sealed: Uint8Array): Promise<Buffer>;
}

/** Bytes, and the purpose that they are to be sealed for. */
export interface Unsealed {
  readonly purpose: string;
  readonly bytes: Uint8Array;
}

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
      return sealBy(id, key, purpose, bytes);
    },
    async sealAll(things) {
      if (things.length === 0) return [];
      const [id, key] = await inUse();
      return things.map(({ purpose, bytes }) => sealBy(id, key, purpose, bytes));
    },
    async open(purpose, sealed) {
      const id = keyIdOf(sealed);
      if (id === null) throw sealBroken(purpose);
      let key = known.get(id);
      if (key === undefined) {
        const row = (await sealingKeys(sql)).find((candidate) => candidate.id === id);
        if (row === undefined) throw sealBroken(purpose);
        key = await keyOf(row);
      }
      return openBy(key, purpose, sealed);
    },
  };
}

/** A key that seals values, sealed itself. */
export async function newSealingKey(keeper: KeyKeeper): Promise<Omit<SealingKey, "retired">> {
  const wrapped = Buffer.from(await keeper.wrap(randomBytes(keyLength)));
  return { id: randomBytes(idLength).toString("hex"), keeper: keeper.id, wrapped };
}
