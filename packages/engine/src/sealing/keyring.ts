import type { KeyKeeper, KeyKeepers } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { SealingKey } from "../store/sealing-keys.ts";
import { keyIdOf, openBy, sealBroken, sealBy } from "./sealed-form.ts";

/** Sealing keys in memory, for work on many sealed values at once. */
export interface SealingKeyring {
  /** Throws `internal` for an id that is not in it. */
  bytesOf(id: string): Buffer;
  /** Throws `seal_broken`. */
  open(purpose: string, sealed: Uint8Array): Buffer;
  readonly sealBy: typeof sealBy;
}

/** Opens these keys with those outside. Throws `key_unusable`. */
export async function readKeyring(keys: readonly SealingKey[], keepers: KeyKeepers): Promise<SealingKeyring> {
  const bytes = new Map<string, Buffer>();
  for (const row of keys) bytes.set(row.id, Buffer.from(await (await keeperOf(row, keepers)).unwrap(row.wrapped)));
  const bytesOf = (id: string): Buffer => {
    const found = bytes.get(id);
    if (found === undefined) throw new FairwayError("internal", `there is no sealing key ${id}`);
    return found;
  };
  return {
    bytesOf,
    sealBy,
    open(purpose, sealed) {
      const id = keyIdOf(sealed);
      if (id === null || !bytes.has(id)) throw sealBroken(purpose);
      return openBy(bytesOf(id), purpose, sealed);
    },
  };
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
