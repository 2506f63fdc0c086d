import type { KnownLink } from "@fairway/config";
import type { DisclosureFacts, PackReceipt, ReleasePack } from "@fairway/core";
import { recordChange } from "./audit.ts";
import type { Sql, Transaction } from "./store.ts";
import { text } from "./store.ts";

/**
 * What a commit shows: its disclosures, null where it has no rules for them, and the pack of a release, null where it needs
 * none.
 */
export interface CommitContent {
  readonly disclosures: DisclosureFacts | null;
  readonly pack: ReleasePack | null;
}

export async function contentOfCommit(sql: Sql, sha: string): Promise<CommitContent | null> {
  const [row] = await sql.rows<{ found: string }>("select found from fairway.commit_contents where sha = $1", [sha]);
  return row === undefined ? null : (JSON.parse(row.found) as CommitContent);
}

/** Keeps what was found of a commit, once. */
export async function keepContent(tx: Transaction, sha: string, content: CommitContent): Promise<void> {
  const fresh = await tx.rows(
    "insert into fairway.commit_contents (sha, found) values ($1, $2) on conflict do nothing returning sha",
    [sha, text(JSON.stringify(content))],
  );
  if (fresh.length > 0) tx.emit({ kind: "disclosures.changed", subject: sha, body: null });
}

/** Commits whose disclosures have this digest: what is said of one is said of all. */
export async function commitsShowing(sql: Sql, digest: string): Promise<readonly string[]> {
  const rows = await sql.rows<{ sha: string }>(
    "select sha from fairway.commit_contents where found::json->'disclosures'->>'digest' = $1 order by looked_at desc limit 50",
    [digest],
  );
  return rows.map(({ sha }) => sha);
}

export async function knownLinks(sql: Sql, urls: readonly string[]): Promise<readonly KnownLink[]> {
  const rows = await sql.rows<
    Omit<KnownLink, "checkedAt" | "unknownSince"> & { checkedAt: Date; unknownSince: Date | null }
  >(
    `select url, state, why, checked_at as "checkedAt", unknown_since as "unknownSince" from fairway.links where url = any($1)`,
    [urls],
  );
  return rows.map(({ checkedAt, unknownSince, ...link }) => ({
    ...link,
    checkedAt: checkedAt.getTime(),
    unknownSince: unknownSince?.getTime() ?? null,
  }));
}

export async function keepLinks(sql: Sql, links: readonly KnownLink[]): Promise<void> {
  if (links.length === 0) return;
  await sql.rows(
    `insert into fairway.links (url, state, why, checked_at, unknown_since)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
     on conflict (url) do update set state = excluded.state, why = excluded.why, checked_at = excluded.checked_at, unknown_since = excluded.unknown_since`,
    [
      links.map(({ url }) => text(url)),
      links.map(({ state }) => state),
      links.map(({ why }) => text(why)),
      links.map(({ checkedAt }) => new Date(checkedAt)),
      links.map(({ unknownSince }) => (unknownSince === null ? null : new Date(unknownSince))),
    ],
  );
}

/** Who has a pack, each role since when first. */
export async function receiptsOf(sql: Sql, digest: string): Promise<readonly PackReceipt[]> {
  const rows = await sql.rows<{ role: string; by: string; at: Date }>(
    "select role, by_whom as by, at from fairway.pack_receipts where digest = $1 order by role",
    [digest],
  );
  return rows.map(({ at, ...receipt }) => ({ ...receipt, at: at.toISOString() }));
}

/** That a role has a pack. A second time changes nothing. */
export async function keepReceipt(
  tx: Transaction,
  {
    digest,
    role,
    by,
    release,
  }: { readonly digest: string; readonly role: string; readonly by: string; readonly release: string },
): Promise<boolean> {
  const fresh = await tx.rows(
    "insert into fairway.pack_receipts (digest, role, by_whom, release) values ($1, $2, $3, $4) on conflict do nothing returning role",
    [digest, role, text(by), release],
  );
  if (fresh.length > 0)
    recordChange(tx, "notice.received", { subject: release, environment: null, detail: { digest, role } });
  return fresh.length > 0;
}
