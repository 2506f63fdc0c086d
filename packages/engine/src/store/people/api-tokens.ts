import type { Permission, Role } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql, Transaction } from "../store.ts";
import { json } from "../store.ts";
import type { PersonWithPassword } from "./people.ts";
import { numberOf, personById, personIdOf } from "./people.ts";
import type { Whence } from "./sessions.ts";

export interface ApiToken {
  /** `t` and a number. */
  readonly id: string;
  readonly name: string;
  readonly kind: "personal" | "service";
  /** The id of whoever made it; null when nobody was logged in. */
  readonly owner: string | null;
  readonly ownerName: string;
  readonly hint: string;
  readonly permissions: readonly Permission[];
  readonly role: Role | null;
  readonly projects: readonly string[] | null;
  readonly environments: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly lastAddress: string | null;
  readonly lastUserAgent: string | null;
  readonly revokedAt: string | null;
}

interface Row {
  readonly number: string;
  readonly hint: string;
  readonly name: string;
  readonly kind: ApiToken["kind"];
  readonly owner: string | null;
  readonly owner_name: string;
  readonly permissions: readonly Permission[];
  readonly role: Role | null;
  readonly projects: readonly string[] | null;
  readonly environments: readonly string[] | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
  readonly last_address: string | null;
  readonly last_user_agent: string | null;
  readonly revoked_at: Date | null;
}

const tokenOf = (row: Row): ApiToken => ({
  id: `t${row.number}`,
  name: row.name,
  kind: row.kind,
  owner: row.owner === null ? null : personIdOf(row.owner),
  ownerName: row.owner_name,
  hint: row.hint,
  permissions: row.permissions,
  role: row.role,
  projects: row.projects,
  environments: row.environments,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  lastAddress: row.last_address,
  lastUserAgent: row.last_user_agent,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

export interface NewApiToken extends Pick<
  ApiToken,
  "name" | "kind" | "owner" | "ownerName" | "hint" | "permissions" | "role" | "projects" | "environments"
> {
  readonly digest: string;
  readonly days: number;
}

/** Keeps a token, known by the digest of what it is. */
export async function keepToken(tx: Transaction, token: NewApiToken): Promise<ApiToken> {
  const [row] = await tx.rows<Row>(
    `insert into fairway.api_tokens (digest, hint, name, kind, owner, owner_name, permissions, role, projects, environments, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + $11 * interval '1 day') returning *`,
    [
      token.digest,
      token.hint,
      token.name,
      token.kind,
      token.owner === null ? null : numberOf(token.owner, "u"),
      token.ownerName,
      json(token.permissions),
      token.role,
      token.projects && json(token.projects),
      token.environments && json(token.environments),
      token.days,
    ],
  );
  return tokenOf(row as Row);
}

/** A token that still opens something; the owner of a personal one, whose roles bound it. */
export interface LiveToken {
  readonly token: ApiToken;
  readonly owner: PersonWithPassword | null;
}

/** The token with this digest, unless it is revoked, has expired, or is a personal one of somebody who is kept out. */
export async function liveToken(sql: Sql, digest: string, { address, userAgent }: Whence): Promise<LiveToken | null> {
  const [row] = await sql.rows<Row & { unseen: boolean }>(
    `select *, last_used_at is null or last_used_at < now() - interval '1 minute'
       or last_address is distinct from $2 or last_user_agent is distinct from $3 as unseen
     from fairway.api_tokens where digest = $1 and revoked_at is null and expires_at > now()`,
    [digest, address, userAgent],
  );
  if (row === undefined) return null;
  const owner = row.owner === null ? null : await personById(sql, personIdOf(row.owner));
  if (row.kind === "personal" && (owner === null || owner.disabled)) return null;
  if (row.unseen)
    await sql.rows(
      "update fairway.api_tokens set last_used_at = now(), last_address = $2, last_user_agent = $3 where number = $1",
      [row.number, address, userAgent],
    );
  return { token: tokenOf(row), owner };
}

/** The tokens of one person, or of all; the newest first. */
export async function listTokens(
  sql: Sql,
  owner: string | null,
  { before, limit }: { readonly before?: string | undefined; readonly limit?: number | undefined } = {},
): Promise<readonly ApiToken[]> {
  const rows = await sql.rows<Row>(
    `select * from fairway.api_tokens
     where ($1::bigint is null or owner = $1) and ($2::bigint is null or number < $2) order by number desc limit $3`,
    [owner === null ? null : numberOf(owner, "u"), before === undefined ? null : numberOf(before, "t"), limit ?? null],
  );
  return rows.map(tokenOf);
}

/** By id. Throws `not_found`. */
export async function tokenById(sql: Sql, id: string): Promise<ApiToken> {
  const [row] = await sql.rows<Row>("select * from fairway.api_tokens where number = $1", [numberOf(id, "t")]);
  if (row === undefined) throw noToken(id);
  return tokenOf(row);
}

export const noToken = (id: string): FairwayError =>
  new FairwayError("not_found", `there is no token ${id}`, { hint: "see: fairway tokens list" });

/** Takes everything from a token. May be repeated; the first time stays on record. */
export async function revokeToken(tx: Transaction, id: string): Promise<ApiToken> {
  const [row] = await tx.rows<Row>(
    "update fairway.api_tokens set revoked_at = coalesce(revoked_at, now()) where number = $1 returning *",
    [numberOf(id, "t")],
  );
  if (row === undefined) throw noToken(id);
  return tokenOf(row);
}
