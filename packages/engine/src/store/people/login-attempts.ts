import type { Millis } from "@fairway/core";
import type { Json } from "../../runs/stage.ts";
import type { Sql, Transaction } from "../store.ts";
import { json } from "../store.ts";

/** How often a login may fail for one key within a time. */
export interface AttemptLimit {
  /** An account, or an address. */
  readonly key: string;
  readonly most: number;
}

/**
 * Counts an attempt to log in before it is made, so that a hundred at once are as few as a hundred after each other. False,
 * and not counted, when one of the keys has had its number within the time. Forgets what is older than a day.
 */
export async function noteLoginAttempt(
  tx: Transaction,
  limits: readonly AttemptLimit[],
  within: Millis,
): Promise<boolean> {
  // Always in the same order, so that two attempts never wait for each other.
  for (const key of limits.map((limit) => limit.key).toSorted())
    await tx.rows("select pg_advisory_xact_lock(hashtext('fairway.login'), hashtext($1))", [key]);
  for (const { key, most } of limits) if ((await failedLogins(tx, key, within)) >= most) return false;
  await tx.rows("delete from fairway.login_failures where at < now() - interval '1 day'");
  await tx.rows("insert into fairway.login_failures (key) select unnest($1::text[])", [limits.map(({ key }) => key)]);
  return true;
}

/** How many logins failed for a key within the last `within`, with those that are being tried. */
export async function failedLogins(sql: Sql, key: string, within: Millis): Promise<number> {
  const [row] = await sql.rows<{ count: number }>(
    "select count(*)::int as count from fairway.login_failures where key = $1 and at > now() - $2 * interval '1 millisecond'",
    [key, within],
  );
  return row?.count ?? 0;
}

/** Forgets an account's failures since its person has come, and the attempt of the address that it was. */
export async function forgiveLogins(sql: Sql, account: string, address: string): Promise<void> {
  await sql.rows("delete from fairway.login_failures where key = $1", [account]);
  await sql.rows(
    `delete from fairway.login_failures where ctid in
       (select ctid from fairway.login_failures where key = $1 order by at desc limit 1)`,
    [address],
  );
}

export type CodePurpose = "first-administrator" | "program" | "program-claim" | "oidc";

export interface LoginCode {
  readonly person: string | null;
  readonly detail: Json;
}

/** Keeps a code, known by its digest; another with the same digest is replaced. */
export async function keepCode(
  sql: Sql,
  code: {
    readonly digest: string;
    readonly purpose: CodePurpose;
    readonly detail: Json;
    readonly person?: string;
    readonly lasts: Millis;
  },
): Promise<void> {
  await sql.rows("delete from fairway.login_codes where expires_at < now()");
  await sql.rows(
    `insert into fairway.login_codes (digest, purpose, person, detail, expires_at)
     values ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')
     on conflict (digest) do update set purpose = excluded.purpose, detail = excluded.detail,
       person = excluded.person, expires_at = excluded.expires_at`,
    [code.digest, code.purpose, code.person?.slice(1) ?? null, json(code.detail), code.lasts],
  );
}

/** Uses a code up: only the first who brings it gets anything. Null for one that is unknown, used or too old. */
export async function useCode(tx: Transaction, digest: string, purpose: CodePurpose): Promise<LoginCode | null> {
  const [row] = await tx.rows<{ person: string | null; detail: Json }>(
    "delete from fairway.login_codes where digest = $1 and purpose = $2 and expires_at > now() returning person, detail",
    [digest, purpose],
  );
  return row === undefined ? null : { person: row.person === null ? null : `u${row.person}`, detail: row.detail };
}

/** Takes away all codes of a purpose. */
export async function dropCodes(sql: Sql, purpose: CodePurpose): Promise<void> {
  await sql.rows("delete from fairway.login_codes where purpose = $1", [purpose]);
}
