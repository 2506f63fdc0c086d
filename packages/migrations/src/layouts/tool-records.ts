import { crc32 } from "node:zlib";
import type { Digest } from "@fairway/core";
import type { FolderFile, LayoutName } from "./layout.ts";

/** A migration whose tool is to find it done. */
export interface ToolRecorded {
  readonly id: string;
  readonly title: string;
  /** Relative to the folder. */
  readonly file: string;
  readonly text: string;
  readonly checksum: Digest;
}

/**
 * SQL that writes down in the tool's own table that a migration is done, so that the tool goes on from there when people use
 * it by hand; null where there is no such table, or the tool itself has printed it. It runs with the migration.
 */
export function toolRecord(
  tool: LayoutName,
  migration: ToolRecorded,
  files: readonly FolderFile[],
): { readonly done: string; readonly undone: string } | null {
  switch (tool) {
    case "prisma":
      return prismaRecord(migration);
    case "drizzle":
      return drizzleRecord(migration, files);
    case "flyway":
      return flywayRecord(migration);
    case "sql":
    case "alembic":
      return null;
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const hexOf = (checksum: Digest): string => checksum.slice("sha256:".length);

/** https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories */
function prismaRecord({ id, checksum }: ToolRecorded): { readonly done: string; readonly undone: string } {
  const table = `create table if not exists "_prisma_migrations" (
  id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
  migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
  started_at timestamptz not null default now(), applied_steps_count integer not null default 0
)`;
  return {
    done: `${table};
insert into "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
select gen_random_uuid()::text, ${quoted(hexOf(checksum))}, now(), ${quoted(id)}, now(), 1
where not exists (select from "_prisma_migrations" where migration_name = ${quoted(id)} and finished_at is not null and rolled_back_at is null);`,
    undone: `update "_prisma_migrations" set rolled_back_at = now() where migration_name = ${quoted(id)} and rolled_back_at is null;`,
  };
}

/** https://github.com/drizzle-team/drizzle-orm/blob/main/drizzle-orm/src/pg-core/dialect.ts (`migrate`) */
function drizzleRecord(
  { id, checksum }: ToolRecorded,
  files: readonly FolderFile[],
): { readonly done: string; readonly undone: string } | null {
  const journal = JSON.parse(files.find(({ path }) => path === "meta/_journal.json")?.text ?? "{}") as {
    readonly entries?: readonly { readonly tag: string; readonly when?: number }[];
  };
  const when = journal.entries?.find(({ tag }) => tag === id)?.when;
  if (when === undefined || !Number.isSafeInteger(when)) return null;
  const hash = quoted(hexOf(checksum));
  return {
    done: `create schema if not exists drizzle;
create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
insert into drizzle.__drizzle_migrations (hash, created_at)
select ${hash}, ${when} where not exists (select from drizzle.__drizzle_migrations where hash = ${hash});`,
    undone: `delete from drizzle.__drizzle_migrations where hash = ${hash};`,
  };
}

/** https://documentation.red-gate.com/flyway/flyway-concepts/migrations/flyway-schema-history-table */
function flywayRecord({ id, title, file, text }: ToolRecorded): { readonly done: string; readonly undone: string } {
  const version = id.startsWith("R__") ? "null" : quoted(id);
  const isIt = id.startsWith("R__") ? `description = ${quoted(title)}` : `version = ${quoted(id)}`;
  return {
    done: `create table if not exists flyway_schema_history (
  installed_rank integer primary key, version varchar(50), description varchar(200) not null, type varchar(20) not null,
  script varchar(1000) not null, checksum integer, installed_by varchar(100) not null,
  installed_on timestamp not null default now(), execution_time integer not null, success boolean not null
);
insert into flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
select coalesce(max(installed_rank), 0) + 1, ${version}, ${quoted(title)}, 'SQL', ${quoted(file)}, ${flywayChecksum(text)}, current_user, 0, true
from flyway_schema_history;`,
    undone: `delete from flyway_schema_history where ${isIt};`,
  };
}

/** Of the lines without their ends, as Flyway counts it, which is signed. */
const flywayChecksum = (text: string): number =>
  text
    .replace(/^\uFEFF/u, "")
    .split(/\r\n|\r|\n/u)
    .reduce((sum, line) => crc32(line, sum), 0) | 0;
