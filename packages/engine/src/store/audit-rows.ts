import type { AuditEntry } from "@fairway/core";
import type { AuditRow } from "../audit/verify-audit.ts";
import type { Sql } from "./store.ts";

/** Which entries of the record are asked for. */
export interface AuditQuery {
  /** A name, wherever in the whole name. */
  readonly actor?: string | undefined;
  /** A word of the list, or the part before its dot. */
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly environment?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Only rows with a smaller number: what comes after a page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Entries, the newest first. */
export async function auditEntries(sql: Sql, query: AuditQuery): Promise<readonly AuditEntry[]> {
  const { actor, action, subject, environment, since, until, before, limit } = query;
  const rows = await sql.rows<{ entry: string }>(
    `select entry from fairway.audit
     where ($1::text is null or actor = $1) and ($2::text is null or action = $2 or action like $2 || '.%')
       and ($3::text is null or subject = $3) and ($4::text is null or environment = $4)
       and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
       and ($7::bigint is null or number < $7)
     order by number desc limit $8`,
    [
      actor ?? null,
      // A word has no signs that `like` would read as its own.
      action?.replaceAll(/[^a-z_.]/g, "") ?? null,
      subject ?? null,
      environment ?? null,
      since ?? null,
      until ?? null,
      before ?? null,
      limit,
    ],
  );
  return rows.map(({ entry }) => JSON.parse(entry) as AuditEntry);
}

/** Rows after a number, in their order. */
export async function auditRowsAfter(sql: Sql, after: number, limit: number): Promise<readonly AuditRow[]> {
  const rows = await sql.rows<
    Omit<AuditRow, "number" | "columns"> & NonNullable<AuditRow["columns"]> & { readonly number: string }
  >(
    `select number, entry, hash, signed_by as "signedBy", signature, actor, action, subject, environment
     from fairway.audit where number > $1 order by number limit $2`,
    [after, limit],
  );
  return rows.map(({ number, entry, hash, signedBy, signature, ...columns }) => ({
    number: Number(number),
    entry,
    hash,
    signedBy,
    signature,
    columns,
  }));
}

/** The end of the record; null while it is empty. */
export async function lastRow(sql: Sql): Promise<{ readonly number: number; readonly hash: string } | null> {
  const [row] = await sql.rows<{ number: string; hash: string }>(
    "select number, hash from fairway.audit order by number desc limit 1",
  );
  return row === undefined ? null : { number: Number(row.number), hash: row.hash };
}

/** The hash of one row; undefined when it is not there. */
export async function hashOfRow(sql: Sql, number: number): Promise<string | undefined> {
  const [row] = await sql.rows<{ hash: string }>("select hash from fairway.audit where number = $1", [number]);
  return row?.hash;
}
