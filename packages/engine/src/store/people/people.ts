import type { Grant } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Sql, Transaction } from "../store.ts";

/** Somebody who may log in. */
export interface Person {
  /** `u` and a number; never given twice. */
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly login: "password" | "oidc" | "none";
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
  readonly grants: readonly Grant[];
}

/** With what a password is compared. Never leaves the daemon. */
export interface PersonWithPassword extends Person {
  readonly passwordHash: string | null;
}

interface Row {
  readonly number: string;
  readonly name: string;
  readonly email: string | null;
  readonly password_hash: string | null;
  readonly issuer: string | null;
  readonly disabled_at: Date | null;
  readonly created_at: Date;
  readonly last_seen_at: Date | null;
  readonly grants: readonly Grant[];
}

/** The columns of a person, for a table called `p`. */
const columns = `p.number, p.name, p.email, p.password_hash, p.issuer, p.disabled_at, p.created_at, p.last_seen_at,
  coalesce((select json_agg(json_build_object('role', g.role, 'project', g.project, 'environment', g.environment)
    order by g.granted_at, g.role) from fairway.role_grants g where g.person = p.number), '[]') as grants`;

export const personIdOf = (number: string): string => `u${number}`;

/** The number of a person's id; null for what is none. */
export const numberOf = (id: string, letter: string): string | null =>
  id.startsWith(letter) && /^\d{1,15}$/.test(id.slice(1)) ? id.slice(1) : null;

function personOf(row: Row): PersonWithPassword {
  return {
    id: personIdOf(row.number),
    name: row.name,
    email: row.email,
    login: row.issuer !== null ? "oidc" : row.password_hash !== null ? "password" : "none",
    disabled: row.disabled_at !== null,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    grants: row.grants,
    passwordHash: row.password_hash,
  };
}

/** Which people to list; all without. */
export interface PeopleFilter {
  /** In their name or address, whatever its case. */
  readonly text?: string | undefined;
  /** Only names behind this one: the next page. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Everybody, by name. */
export async function listPeople(sql: Sql, { text, after, limit }: PeopleFilter = {}): Promise<readonly Person[]> {
  const rows = await sql.rows<Row>(
    `select ${columns} from fairway.people p
     where ($1::text is null or strpos(lower(p.name), lower($1)) > 0 or strpos(lower(p.email), lower($1)) > 0)
       and ($2::text is null or lower(p.name) > lower($2))
     order by lower(p.name) limit $3`,
    [text ?? null, after ?? null, limit ?? null],
  );
  return rows.map((row) => withoutPassword(personOf(row)));
}

/** Whether anybody may log in; a daemon with people asks everybody who they are. */
export async function hasPeople(sql: Sql): Promise<boolean> {
  const [row] = await sql.rows<{ has: boolean }>("select exists (select 1 from fairway.people) as has");
  return row?.has === true;
}

/** Whether somebody is there who may manage people everywhere, and can log in. */
export async function hasAdmin(sql: Sql, but?: string): Promise<boolean> {
  const [row] = await sql.rows<{ has: boolean }>(
    `select exists (select 1 from fairway.role_grants g join fairway.people p on p.number = g.person
      where g.role = 'admin' and g.project is null and g.environment is null and p.disabled_at is null
        and p.number is distinct from $1::bigint) as has`,
    [but === undefined ? null : numberOf(but, "u")],
  );
  return row?.has === true;
}

/** By name, whatever its case. Null when there is nobody of that name. */
export async function personByName(sql: Sql, name: string): Promise<PersonWithPassword | null> {
  const [row] = await sql.rows<Row>(`select ${columns} from fairway.people p where lower(p.name) = lower($1)`, [name]);
  return row === undefined ? null : personOf(row);
}

/** By id. Throws `not_found`. */
export async function personById(sql: Sql, id: string): Promise<PersonWithPassword> {
  const [row] = await sql.rows<Row>(`select ${columns} from fairway.people p where p.number = $1`, [numberOf(id, "u")]);
  if (row === undefined) throw new FairwayError("not_found", `there is no person ${id}`);
  return personOf(row);
}

/** Who an identity provider knows by this subject. Never by e-mail, which may be given to somebody else. */
export async function personByIdentity(sql: Sql, issuer: string, subject: string): Promise<PersonWithPassword | null> {
  const [row] = await sql.rows<Row>(`select ${columns} from fairway.people p where p.issuer = $1 and p.subject = $2`, [
    issuer,
    subject,
  ]);
  return row === undefined ? null : personOf(row);
}

export interface NewPerson {
  readonly name: string;
  readonly email: string | null;
  readonly passwordHash: string | null;
  readonly identity: { readonly issuer: string; readonly subject: string } | null;
}

/** Adds a person without any role. Throws `not_allowed_now` when the name is taken. */
export async function addPerson(tx: Transaction, { name, email, passwordHash, identity }: NewPerson): Promise<string> {
  const [row] = await tx.rows<{ number: string }>(
    `insert into fairway.people (name, email, password_hash, password_changed_at, issuer, subject)
     values ($1, $2, $3::text, case when $3::text is null then null else now() end, $4, $5)
     on conflict do nothing returning number`,
    [name, email, passwordHash, identity?.issuer ?? null, identity?.subject ?? null],
  );
  if (row === undefined) throw new FairwayError("not_allowed_now", `there is a person called "${name}" already`);
  return personIdOf(row.number);
}

/** Keeps a person out or lets them in. May be repeated. */
export async function setDisabled(tx: Transaction, person: string, disabled: boolean): Promise<void> {
  await tx.rows(
    "update fairway.people set disabled_at = case when $2 then coalesce(disabled_at, now()) end where number = $1",
    [numberOf(person, "u"), disabled],
  );
}

/** Puts another password in the place of the old one. */
export async function setPasswordHash(tx: Transaction, person: string, hash: string): Promise<void> {
  await tx.rows("update fairway.people set password_hash = $2, password_changed_at = now() where number = $1", [
    numberOf(person, "u"),
    hash,
  ]);
}

/** Gives a role. May be repeated; one that is there already stays as it is. */
export async function giveRole(tx: Transaction, person: string, grant: Grant, by: string): Promise<void> {
  await tx.rows(
    `insert into fairway.role_grants (person, role, project, environment, granted_by)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [numberOf(person, "u"), grant.role, grant.project, grant.environment, by],
  );
}

/** Takes exactly this role away, however it came. False when the person did not have it. */
export async function takeRole(tx: Transaction, person: string, grant: Grant): Promise<boolean> {
  const taken = await tx.rows(
    `delete from fairway.role_grants where person = $1 and role = $2
       and project is not distinct from $3 and environment is not distinct from $4 returning 1`,
    [numberOf(person, "u"), grant.role, grant.project, grant.environment],
  );
  return taken.length > 0;
}

/** Makes the roles that come from an identity provider's groups exactly these. */
export async function setGroupRoles(tx: Transaction, person: string, grants: readonly Grant[]): Promise<void> {
  await tx.rows("delete from fairway.role_grants where person = $1 and from_groups", [numberOf(person, "u")]);
  for (const grant of grants)
    await tx.rows(
      `insert into fairway.role_grants (person, role, project, environment, granted_by, from_groups)
       values ($1, $2, $3, $4, 'groups', true) on conflict do nothing`,
      [numberOf(person, "u"), grant.role, grant.project, grant.environment],
    );
}

/** One change at a time of who may do what, so that two cannot each take the other's last administrator away. */
export async function holdPeople(tx: Transaction): Promise<void> {
  await tx.rows("select pg_advisory_xact_lock(hashtext('fairway.people'))");
}

const withoutPassword = ({ passwordHash: _hash, ...person }: PersonWithPassword): Person => person;
