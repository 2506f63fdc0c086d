import { randomBytes } from "node:crypto";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Client } from "pg";
import type { SqlPlace } from "../reading/place.ts";
import type { SqlStatement } from "../reading/read-sql.ts";
import { readSql } from "../reading/read-sql.ts";
import type { RunnableMigration } from "./apply-migration.ts";
import { sqlState, withSession } from "./session.ts";

/** What one statement did to the shadow database. */
export interface ShadowStatement {
  readonly text: string;
  readonly place: SqlPlace;
  readonly millis: Millis;
  /** Tables that were there before the migration, with the strongest lock that it holds on each after this statement. */
  readonly locks: readonly { readonly table: string; readonly mode: string }[];
  /** Tables whose rows were written anew. */
  readonly rewritten: readonly string[];
  /** Why the database refused it; the migration ends here. */
  readonly refused: string | null;
}

/** What one migration did to the shadow database. */
export interface ShadowResult {
  readonly id: string;
  readonly file: string;
  readonly statements: readonly ShadowStatement[];
  readonly refused: string | null;
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
];

/**
 * Runs migrations on a database that is made for it on the same server and dropped again: first those that are applied
 * already, to have the schema, then the others statement by statement, timed, with the locks that PostgreSQL holds for each.
 * Times on an empty database say which statement is slow to plan, not how long the rows will take. May be repeated; what a
 * killed check left is dropped by the next.
 */
export async function shadowCheck(
  url: string,
  history: readonly RunnableMigration[],
  pending: readonly RunnableMigration[],
): Promise<readonly ShadowResult[]> {
  const limits = { lock: 5_000, statement: 60_000 };
  return withSession(url, limits, async (server) => {
    await dropLeftovers(server);
    const name = `fairway_shadow_${process.pid}_${randomBytes(4).toString("hex")}`;
    await create(server, name);
    try {
      return await withSession(onDatabase(url, name), limits, async (shadow) => {
        for (const migration of history) await replay(shadow, migration);
        const results: ShadowResult[] = [];
        for (const migration of pending) {
          const result = await observe(shadow, migration);
          results.push(result);
          if (result.refused !== null) break;
        }
        return results;
      });
    } finally {
      await server.query(`drop database if exists ${name} with (force)`);
    }
  });
}

function onDatabase(url: string, name: string): string {
  const moved = new URL(url);
  moved.pathname = `/${name}`;
  return moved.href;
}

async function create(server: Client, name: string): Promise<void> {
  try {
    await server.query(`create database ${name} template template0`);
  } catch (thrown) {
    if (sqlState(thrown) !== "42501") throw thrown;
    throw new FairwayError("not_allowed_now", "whoever migrates this database may not make another one beside it", {
      hint: "give the role CREATEDB, or name a server for shadow databases",
      cause: thrown,
    });
  }
}

/** Of checks whose process is gone: their databases have nobody connected. */
async function dropLeftovers(server: Client): Promise<void> {
  const { rows } = await server.query<{ name: string }>(
    `select datname as name from pg_database d
      where datname ~ '^fairway_shadow_[0-9]+_[0-9a-f]+$'
        and not exists (select from pg_stat_activity a where a.datname = d.datname)
        and pg_has_role(datdba, 'usage')`,
  );
  for (const { name } of rows)
    if (!isAlive(Number(name.split("_")[2]))) await server.query(`drop database if exists ${name}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function replay(shadow: Client, { id, file, up }: RunnableMigration): Promise<void> {
  for (const { text } of statementsOf(up))
    try {
      await shadow.query(text);
    } catch (thrown) {
      if (sqlState(thrown) === null) throw thrown;
      throw new FairwayError(
        "not_allowed_now",
        `${file} was applied, but not to an empty database: ${(thrown as Error).message}`,
        {
          hint: `the migrations before it do not make what ${id} needs; write them down, or baseline them in one`,
          cause: thrown,
        },
      );
    }
}

const statementsOf = (sql: string): readonly SqlStatement[] => {
  const reading = readSql(sql);
  return "statements" in reading ? reading.statements : [];
};

async function observe(shadow: Client, { id, file, up, transaction }: RunnableMigration): Promise<ShadowResult> {
  const reading = readSql(up);
  if ("problem" in reading) return { id, file, statements: [], refused: reading.problem.message };
  const before = await tablesOf(shadow);
  const seen: ShadowStatement[] = [];
  if (transaction) await shadow.query("begin");
  let files = before;
  for (const { text, place } of reading.statements) {
    const since = performance.now();
    const refused = await shadow.query(text).then(
      () => null,
      (thrown: unknown) => {
        if (sqlState(thrown) === null) throw thrown;
        return (thrown as Error).message;
      },
    );
    const millis = performance.now() - since;
    if (refused !== null) {
      seen.push({ text, place, millis, locks: [], rewritten: [], refused });
      await shadow.query("rollback");
      return { id, file, statements: seen, refused: `line ${place.line}: ${refused}` };
    }
    const after = await tablesOf(shadow);
    const rewritten = [...after].filter(
      ([table, node]) => files.has(table) && files.get(table) !== node && before.has(table),
    );
    seen.push({
      text,
      place,
      millis,
      locks: transaction ? await locksOf(shadow, before) : [],
      rewritten: rewritten.map(([table]) => table),
      refused: null,
    });
    files = after;
  }
  if (transaction) await shadow.query("commit");
  return { id, file, statements: seen, refused: null };
}

/** Tables with the file that holds their rows: another file means that every row was written anew. */
async function tablesOf(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; node: string }>(
    `select oid::regclass::text as name, relfilenode::text as node from pg_class
      where relkind in ('r', 'p') and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  return new Map(rows.map(({ name, node }) => [name, node]));
}

async function locksOf(client: Client, before: ReadonlyMap<string, string>): Promise<ShadowStatement["locks"]> {
  const { rows } = await client.query<{ table: string; mode: string }>(
    `select relation::regclass::text as "table", mode from pg_locks
      where pid = pg_backend_pid() and locktype = 'relation' and mode = any ($1)`,
    [lockModes],
  );
  const strongest = new Map<string, string>();
  for (const { table, mode } of rows) {
    if (!before.has(table)) continue;
    const known = strongest.get(table);
    if (known === undefined || lockModes.indexOf(mode) > lockModes.indexOf(known)) strongest.set(table, mode);
  }
  return [...strongest].map(([table, mode]) => ({ table, mode })).toSorted((a, b) => (a.table < b.table ? -1 : 1));
}
