import type { Digest, Migration, MigrationClass, RecordedMigration } from "@fairway/core";
import type { Client } from "pg";

// In the user's database, beside what it records: one transaction changes both.

async function isThere(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('fairway_migrations') is not null as there",
  );
  return rows[0]?.there === true;
}

/** Makes the table in which a database keeps what Fairway has done to it. Safe to repeat. */
export async function ensureRecordTable(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean; whole: boolean }>(
    `select to_regclass('fairway_migrations') is not null as there,
            exists (select from pg_attribute where attrelid = to_regclass('fairway_migrations') and attname = 'service') as whole`,
  );
  if (rows[0]?.whole === true) return;
  if (rows[0]?.there === true) {
    // Of before there were batches, and of before several services could share a database.
    await client.query(
      "alter table fairway_migrations add column if not exists progress jsonb, add column if not exists service text",
    );
    return;
  }
  await client.query(`create table if not exists fairway_migrations (
    id text primary key,
    checksum text not null,
    class text not null,
    state text not null check (state in ('running', 'applied', 'failed')),
    began_at timestamptz not null default clock_timestamp(),
    applied_at timestamptz,
    applied_by text not null,
    fence bigint not null,
    trouble text,
    progress jsonb,
    service text
  )`);
}

/** What the database has, in the order in which it was begun; nothing where Fairway has never been. */
export async function recordedMigrations(client: Client): Promise<readonly RecordedMigration[]> {
  if (!(await isThere(client))) return [];
  const { rows } = await client.query<{
    id: string;
    checksum: Digest;
    state: RecordedMigration["state"];
    applied_at: Date | null;
    trouble: string | null;
    class: MigrationClass;
    service: string | null;
  }>(
    // The column is not there in a table from before there were any.
    `select id, checksum, state, applied_at, trouble, class, to_jsonb(m)->>'service' as service
       from fairway_migrations m order by began_at, id`,
  );
  return rows.map(({ id, checksum, state, applied_at: at, trouble, class: of, service }) => ({
    id,
    checksum,
    state,
    appliedAt: at?.toISOString() ?? null,
    trouble,
    class: of,
    ...(service === null ? {} : { service }),
  }));
}

/** A migration that is done, and who wrote that down. */
export interface AppliedMigration {
  readonly id: string;
  readonly checksum: Digest;
  readonly class: MigrationClass;
  /** As the `Applier` called itself. */
  readonly by: string;
  /** Null where nobody has said whose it is. */
  readonly service: string | null;
}

/** What Fairway has applied to a database, with who did, in the order in which it was begun. Changes nothing. */
export async function appliedMigrations(client: Client): Promise<readonly AppliedMigration[]> {
  if (!(await isThere(client))) return [];
  const { rows } = await client.query<AppliedMigration>(
    // The column is not there in a table from before there were any.
    `select id, checksum, class, applied_by as "by", to_jsonb(m)->>'service' as service
       from fairway_migrations m where state = 'applied' order by began_at, id`,
  );
  return rows;
}

/** Writes down whose migrations these are, so that others who share the database leave them alone. May be repeated. */
export const claimRecords = async (client: Client, service: string, ids: readonly string[]): Promise<void> =>
  void (await client.query("update fairway_migrations set service = $1 where service is null and id = any ($2)", [
    service,
    ids,
  ]));

/** Who applies, and how recently they were given the environment: an older holder must not come back. */
export interface Applier {
  readonly by: string;
  readonly fence: number;
  /** Whose migration it is; several services may share a database. */
  readonly service?: string;
}

/** Writes down that a migration is done. In the transaction that did it, or after. */
export const recordApplied = async (client: Client, migration: Migration, applier: Applier): Promise<void> =>
  void (await client.query(
    `insert into fairway_migrations (id, checksum, class, state, applied_at, applied_by, fence, service)
     values ($1, $2, $3, 'applied', clock_timestamp(), $4, $5, $6)
     on conflict (id) do update set state = 'applied', applied_at = clock_timestamp(), trouble = null`,
    [migration.id, migration.checksum, migration.class, applier.by, applier.fence, applier.service ?? null],
  ));

/** Writes down that a migration is begun which no transaction holds together. */
export const recordBegun = async (client: Client, migration: Migration, applier: Applier): Promise<void> =>
  void (await client.query(
    `insert into fairway_migrations (id, checksum, class, state, applied_by, fence, service) values ($1, $2, $3, 'running', $4, $5, $6)`,
    [migration.id, migration.checksum, migration.class, applier.by, applier.fence, applier.service ?? null],
  ));

/** Writes down that a migration failed after some of it was done. */
export const recordFailed = async (client: Client, id: string, trouble: string): Promise<void> =>
  void (await client.query("update fairway_migrations set state = 'failed', trouble = $2 where id = $1", [
    id,
    trouble,
  ]));

/** Writes down why a migration in batches goes no further; it is resumed behind its last batch. */
export const recordHalted = async (client: Client, id: string, trouble: string): Promise<void> =>
  void (await client.query("update fairway_migrations set trouble = $2 where id = $1", [id, trouble]));

/** The newest fence that has written to this database; 0 where nobody has. */
export async function newestFence(client: Client): Promise<number> {
  const { rows } = await client.query<{ fence: string | null }>("select max(fence) as fence from fairway_migrations");
  return Number(rows[0]?.fence ?? 0);
}

/** A person says what has become of a migration that was left half-way: it is done, or it is to be tried again. */
export async function resolveMigration(
  client: Client,
  id: string,
  as: "applied" | "pending",
  by: string,
): Promise<boolean> {
  const { rowCount } =
    as === "applied"
      ? await client.query(
          "update fairway_migrations set state = 'applied', applied_at = clock_timestamp(), applied_by = $2 where id = $1 and state <> 'applied'",
          [id, by],
        )
      : await client.query("delete from fairway_migrations where id = $1 and state <> 'applied'", [id]);
  return (rowCount ?? 0) > 0;
}
