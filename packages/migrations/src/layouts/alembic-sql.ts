/**
 * What `alembic upgrade base:head --sql` prints, by revision: it says `-- Running upgrade <from> -> <to>` before the SQL of
 * each. What records the revision in the database is left out, and so are the transactions around it.
 */
export function alembicSql(printed: string): ReadonlyMap<string, string> {
  const parts = printed.split(/^-- Running upgrade (?:[^\n]*?)-> ([^\s,]+)[^\n]*\n/mu);
  const byRevision = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2)
    byRevision.set(parts[index] ?? "", withoutBookkeeping(parts[index + 1] ?? ""));
  return byRevision;
}

const bookkeeping =
  /^(?:BEGIN|COMMIT|(?:INSERT INTO|UPDATE|DELETE FROM) (?:\w+\.)?alembic_version\b[^;]*|CREATE TABLE (?:\w+\.)?alembic_version\b[^;]*);\s*$/gimu;

const withoutBookkeeping = (sql: string): string => sql.replaceAll(bookkeeping, "").trim();
