/**
 * What `alembic upgrade base:head --sql` prints, by revision: it says `-- Running upgrade <from> -> <to>` before the SQL of
 * each. What records the revision in the database is left out, and so are the transactions around it.
 */
export const alembicSql = (printed: string): ReadonlyMap<string, string> =>
  new Map(upgradesIn(printed).map(([revision, sql]) => [revision, withoutBookkeeping(sql)]));

/** What of it records the revision in the database, by revision. It runs with the SQL, and then Alembic goes on from there. */
export const alembicRecords = (printed: string): ReadonlyMap<string, string> =>
  new Map(
    upgradesIn(printed).map(([revision, sql]) => [
      revision,
      [table, ...[...sql.matchAll(bookkeeping)].map(([statement]) => statement.trim()).filter(isRecord)].join("\n"),
    ]),
  );

function upgradesIn(printed: string): readonly (readonly [string, string])[] {
  const parts = printed.split(/^-- Running upgrade (?:[^\n]*?)-> ([^\s,]+)[^\n]*\n/mu);
  return Array.from({ length: Math.floor(parts.length / 2) }, (_, index) => [
    parts[index * 2 + 1] ?? "",
    parts[index * 2 + 2] ?? "",
  ]);
}

/** Printed before the first revision only, and a database may begin later. */
const table =
  "create table if not exists alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num));";

const isRecord = (statement: string): boolean => /^(?:INSERT|UPDATE|DELETE)/iu.test(statement);

const bookkeeping =
  /^(?:BEGIN|COMMIT|(?:INSERT INTO|UPDATE|DELETE FROM) (?:\w+\.)?alembic_version\b[^;]*|CREATE TABLE (?:\w+\.)?alembic_version\b[^;]*);\s*$/gimu;

const withoutBookkeeping = (sql: string): string => sql.replaceAll(bookkeeping, "").trim();
