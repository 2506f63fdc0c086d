import type { Millis } from "@fairway/core";
import type { Sql, Transaction } from "../store.ts";
import type { PersonWithPassword } from "./people.ts";
import { numberOf, personById, personIdOf } from "./people.ts";

export interface Session {
  /** `s` and a number. */
  readonly id: string;
  readonly person: string;
  readonly kind: "browser" | "cli";
  readonly createdAt: string;
  readonly lastUsedAt: string;
  /** When its person last showed who they are. */
  readonly provenAt: string;
  readonly expiresAt: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Whence something is asked, as far as it is told. */
export interface Whence {
  readonly address: string | null;
  readonly userAgent: string | null;
}

interface Row {
  readonly number: string;
  readonly person: string;
  readonly kind: "browser" | "cli";
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly proven_at: Date;
  readonly expires_at: Date;
  readonly address: string | null;
  readonly user_agent: string | null;
}

const sessionOf = (row: Row): Session => ({
  id: `s${row.number}`,
  person: personIdOf(row.person),
  kind: row.kind,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at.toISOString(),
  provenAt: row.proven_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  address: row.address,
  userAgent: row.user_agent,
});

/** Begins a session, known by the digest of its secret. */
export async function openSession(
  tx: Transaction,
  given: {
    readonly digest: string;
    readonly person: string;
    readonly kind: Session["kind"];
    readonly lasts: Millis;
    readonly provenAgo: Millis;
  },
  { address, userAgent }: Whence,
): Promise<Session> {
  await tx.rows("delete from fairway.sessions where expires_at < now() - interval '1 day'");
  await tx.rows("update fairway.people set last_seen_at = now() where number = $1", [numberOf(given.person, "u")]);
  const [row] = await tx.rows<Row>(
    `insert into fairway.sessions (digest, person, kind, expires_at, address, user_agent, proven_at)
     values ($1, $2, $3, now() + $4 * interval '1 millisecond', $5, $6, now() - $7::float8 * interval '1 millisecond') returning *`,
    [given.digest, numberOf(given.person, "u"), given.kind, given.lasts, address, userAgent, given.provenAgo],
  );
  return sessionOf(row as Row);
}

/** A session that still holds, with its person and how long ago they showed who they are. */
export interface LiveSession {
  readonly session: Session;
  readonly person: PersonWithPassword;
  readonly provenAgo: Millis;
}

/**
 * The session with this digest, unless it has expired, has lain unused for `idle`, or its person is kept out. The database's
 * clock decides.
 */
export async function liveSession(
  sql: Sql,
  digest: string,
  idle: Readonly<Record<Session["kind"], Millis>>,
): Promise<LiveSession | null> {
  const [row] = await sql.rows<Row & { proven_ago: number; unseen: boolean }>(
    `select s.*, (extract(epoch from now() - s.proven_at) * 1000)::float8 as proven_ago,
       s.last_used_at < now() - interval '1 minute' as unseen
     from fairway.sessions s join fairway.people p on p.number = s.person
     where s.digest = $1 and s.expires_at > now() and p.disabled_at is null
       and s.last_used_at > now() - (case s.kind when 'cli' then $2::float8 else $3::float8 end) * interval '1 millisecond'`,
    [digest, idle.cli, idle.browser],
  );
  if (row === undefined) return null;
  // Once a minute is often enough to tell what is still used.
  if (row.unseen) await sql.rows("update fairway.sessions set last_used_at = now() where number = $1", [row.number]);
  return {
    session: sessionOf(row),
    person: await personById(sql, personIdOf(row.person)),
    provenAgo: row.proven_ago,
  };
}

/** Gives a session another secret, when its person has shown again who they are. */
export async function renewSession(tx: Transaction, session: string, digest: string): Promise<void> {
  await tx.rows("update fairway.sessions set digest = $2, proven_at = now(), last_used_at = now() where number = $1", [
    numberOf(session, "s"),
    digest,
  ]);
}

/** The sessions of a person, the last used first. */
export async function sessionsOf(sql: Sql, person: string): Promise<readonly Session[]> {
  const rows = await sql.rows<Row>(
    "select * from fairway.sessions where person = $1 and expires_at > now() order by last_used_at desc, number desc",
    [numberOf(person, "u")],
  );
  return rows.map(sessionOf);
}

/** Ends one session of a person. False when there was none. May be repeated. */
export async function endSession(tx: Transaction, person: string, session: string): Promise<boolean> {
  const ended = await tx.rows("delete from fairway.sessions where number = $1 and person = $2 returning 1", [
    numberOf(session, "s"),
    numberOf(person, "u"),
  ]);
  return ended.length > 0;
}

/** Ends all sessions of a person but one; says how many. */
export async function endSessions(tx: Transaction, person: string, but: string | null): Promise<number> {
  const ended = await tx.rows(
    "delete from fairway.sessions where person = $1 and number is distinct from $2::bigint returning 1",
    [numberOf(person, "u"), but === null ? null : numberOf(but, "s")],
  );
  return ended.length;
}
