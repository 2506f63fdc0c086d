import type { Sql, Transaction } from "./store.ts";

/** A key that seals values, as it lies in the database: sealed itself. */
export interface SealingKey {
  readonly id: string;
  /** Whose key it is sealed by. */
  readonly keeper: string;
  readonly wrapped: Buffer;
  /** It opens what it once sealed and seals nothing new. */
  readonly retired: boolean;
}

/** Every sealing key, the oldest first. */
export async function sealingKeys(sql: Sql): Promise<readonly SealingKey[]> {
  return sql.rows<SealingKey>(
    "select id, keeper, wrapped, retired_at is not null as retired from fairway.sealing_keys order by made_at, id",
  );
}

/** Adds the key that seals from now on. Does nothing when there is one: of several that come at once the first stays. */
export async function addSealingKey(sql: Sql, { id, keeper, wrapped }: Omit<SealingKey, "retired">): Promise<void> {
  await sql.rows("insert into fairway.sealing_keys (id, keeper, wrapped) values ($1, $2, $3) on conflict do nothing", [
    id,
    keeper,
    wrapped,
  ]);
}

/** Every sealing key, kept from changing until the transaction ends; the one in use is shared by nobody new meanwhile. */
export async function holdSealingKeys(tx: Transaction): Promise<readonly SealingKey[]> {
  // Also against one that is just being added, and before secrets of the old key are: those are read after this.
  await tx.rows("lock table fairway.sealing_keys, fairway.secret_versions in share row exclusive mode");
  return sealingKeys(tx);
}

/** Puts keys sealed anew in the place of what they were, and another one in use. The keys must be held. */
export async function exchangeSealingKeys(
  tx: Transaction,
  rewrapped: readonly Omit<SealingKey, "retired">[],
  fresh: Omit<SealingKey, "retired">,
): Promise<void> {
  for (const { id, keeper, wrapped } of rewrapped)
    await tx.rows(
      "update fairway.sealing_keys set keeper = $2, wrapped = $3, retired_at = coalesce(retired_at, now()) where id = $1",
      [id, keeper, wrapped],
    );
  await tx.rows("insert into fairway.sealing_keys (id, keeper, wrapped) values ($1, $2, $3)", [
    fresh.id,
    fresh.keeper,
    fresh.wrapped,
  ]);
}
