import type { Client } from "pg";

/** A lock on a table, as PostgreSQL names it: `AccessExclusiveLock`. */
export interface HeldLock {
  readonly table: string;
  readonly mode: string;
}

/** Weak to strong, as PostgreSQL orders them; those that only read are left out. */
const lockModes = [
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
] as const;

/** How strong a lock is, to compare it with others. */
export const strengthOf = (mode: string): number => lockModes.findIndex((one) => one === mode);

/** Tables with the file that holds their rows: another file means that every row was written anew. */
export async function tablesOf(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; node: string }>(
    `select oid::regclass::text as name, relfilenode::text as node from pg_class
      where relkind in ('r', 'p') and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  return new Map(rows.map(({ name, node }) => [name, node]));
}

/** What this session holds now on some tables, the strongest on each. */
export async function locksOf(client: Client, among: ReadonlyMap<string, unknown>): Promise<readonly HeldLock[]> {
  const { rows } = await client.query<HeldLock>(
    `select relation::regclass::text as "table", mode from pg_locks
      where pid = pg_backend_pid() and locktype = 'relation' and mode = any ($1)`,
    [lockModes],
  );
  const strongest = new Map<string, string>();
  for (const { table, mode } of rows) {
    if (!among.has(table)) continue;
    const known = strongest.get(table);
    if (known === undefined || strengthOf(mode) > strengthOf(known)) strongest.set(table, mode);
  }
  return [...strongest].map(([table, mode]) => ({ table, mode })).toSorted((a, b) => (a.table < b.table ? -1 : 1));
}
