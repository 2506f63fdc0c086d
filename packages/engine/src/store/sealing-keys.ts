import type { Sql } from "./store.ts";

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
