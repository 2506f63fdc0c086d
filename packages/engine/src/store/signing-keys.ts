import type { KeyObject } from "node:crypto";
import { createPublicKey } from "node:crypto";
import type { Sql } from "./store.ts";

/** A public key with which releases of this installation were signed. */
export interface KnownKey {
  readonly id: string;
  /** PEM. */
  readonly publicKey: string;
  readonly firstSeenAt: string;
}

/** Remembers a public key for good. May be repeated. */
export async function rememberKey(sql: Sql, id: string, publicKey: string): Promise<void> {
  await sql.rows("insert into fairway.signing_keys (id, public_key) values ($1, $2) on conflict do nothing", [
    id,
    publicKey,
  ]);
}

/** Every key that ever signed here, the oldest first. */
export async function knownKeys(sql: Sql): Promise<readonly KnownKey[]> {
  const rows = await sql.rows<{ id: string; public_key: string; first_seen_at: Date }>(
    "select id, public_key, first_seen_at from fairway.signing_keys order by first_seen_at, id",
  );
  return rows.map((row) => ({
    id: row.id,
    publicKey: row.public_key,
    firstSeenAt: row.first_seen_at.toISOString(),
  }));
}

/** As envelopes are opened with them. */
export const byId = (keys: readonly KnownKey[]): ReadonlyMap<string, KeyObject> =>
  new Map(keys.map(({ id, publicKey }) => [id, createPublicKey(publicKey)]));
