import type { Digest, MigrationSet, RecordedMigration } from "@fairway/core";
import type { Client } from "pg";
import { recordedMigrations } from "./record-table.ts";

/**
 * What a database has of a set of migrations: what Fairway wrote down, and before it what the tool's own table says, so that a
 * database that was migrated by the tool goes on where it stands. What other services brought that share it is left out.
 * Changes nothing.
 */
export async function databaseRecord(
  client: Client,
  set: MigrationSet | null,
  service: string,
): Promise<readonly RecordedMigration[]> {
  const ids = new Set(set?.migrations.map(({ id }) => id));
  const own = (await recordedMigrations(client)).filter(
    (one) => one.service === undefined || one.service === service || ids.has(one.id),
  );
  if (set === null) return own;
  const known = new Set(own.map(({ id }) => id));
  return [...(await adopted(client, set)).filter(({ id }) => !known.has(id)), ...own];
}

async function adopted(client: Client, set: MigrationSet): Promise<readonly RecordedMigration[]> {
  switch (set.tool) {
    case "sql":
      return [];
    case "prisma":
      return adoptedFromPrisma(client);
    case "alembic":
      return adoptedFromAlembic(client, set);
    case "drizzle":
      return adoptedFromDrizzle(client, set);
    case "flyway":
      return adoptedFromFlyway(client, set);
  }
}

const record = (
  adoptedFrom: string,
  id: string,
  checksum: Digest | null,
  trouble: string | null = null,
): RecordedMigration => ({
  id,
  checksum,
  state: trouble === null ? "applied" : "failed",
  appliedAt: null,
  trouble,
  adoptedFrom,
});

/** Empty where the tool has never been. */
async function rowsOf<Row extends object>(client: Client, table: string, columns: string): Promise<readonly Row[]> {
  const { rows } = await client.query<{ there: boolean }>("select to_regclass($1) is not null as there", [table]);
  return rows[0]?.there === true ? (await client.query<Row>(`select ${columns} from ${table}`)).rows : [];
}

async function adoptedFromPrisma(client: Client): Promise<readonly RecordedMigration[]> {
  const rows = await rowsOf<{ name: string; checksum: string; done: boolean; gone: boolean; logs: string | null }>(
    client,
    "_prisma_migrations",
    "migration_name as name, checksum, finished_at is not null as done, rolled_back_at is not null as gone, logs",
  );
  return rows
    .filter(({ gone }) => !gone)
    .map(({ name, checksum, done, logs }) =>
      record("prisma", name, `sha256:${checksum}`, done ? null : (logs ?? "Prisma began it and did not end it")),
    );
}

/** Alembic keeps the newest revision only; those before it in the order are done. */
async function adoptedFromAlembic(client: Client, { migrations }: MigrationSet): Promise<readonly RecordedMigration[]> {
  const rows = await rowsOf<{ version: string }>(client, "alembic_version", "version_num as version");
  const last = Math.max(-1, ...rows.map(({ version }) => migrations.findIndex(({ id }) => id === version)));
  return migrations.slice(0, last + 1).map(({ id, checksum }) => record("alembic", id, checksum));
}

async function adoptedFromDrizzle(client: Client, { migrations }: MigrationSet): Promise<readonly RecordedMigration[]> {
  const rows = await rowsOf<{ hash: string }>(client, "drizzle.__drizzle_migrations", "hash");
  const hashes = new Set(rows.map(({ hash }) => `sha256:${hash}`));
  return migrations
    .filter(({ checksum }) => hashes.has(checksum))
    .map(({ id, checksum }) => record("drizzle", id, checksum));
}

async function adoptedFromFlyway(client: Client, { migrations }: MigrationSet): Promise<readonly RecordedMigration[]> {
  const rows = await rowsOf<{ version: string | null; description: string; success: boolean; type: string }>(
    client,
    "flyway_schema_history",
    "version, description, success, type",
  );
  const highest = rows.find(({ type }) => type === "BASELINE")?.version ?? null;
  return migrations.flatMap(({ id, title }) => {
    const row = rows.find(({ version, description }) => (version === null ? description === title : version === id));
    if (row !== undefined) return [record("flyway", id, null, row.success ? null : "Flyway began it and it failed")];
    return highest !== null && Number(id) <= Number(highest) ? [record("flyway", id, null)] : [];
  });
}
