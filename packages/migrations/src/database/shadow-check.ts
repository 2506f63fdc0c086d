import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Client } from "pg";
import type { Batch } from "../classing/batch-directive.ts";
import { batchOf } from "../classing/batch-directive.ts";
import type { SqlPlace } from "../reading/place.ts";
import type { SqlStatement } from "../reading/read-sql.ts";
import { readSql } from "../reading/read-sql.ts";
import type { RunnableMigration } from "./apply-migration.ts";
import { differenceOf, schemaOf } from "./schema-of.ts";
import { sqlState } from "./session.ts";
import { outOfRoom, withShadowDatabase } from "./shadow-database.ts";
import { locksOf, tablesOf } from "./tables-and-locks.ts";
import type { HeldLock } from "./tables-and-locks.ts";

/** A migration that is tried before it runs anywhere. */
export interface ShadowMigration extends RunnableMigration {
  /** SQL of its way back; absent or null where there is none. */
  readonly down?: string | null | undefined;
}

/** What one statement did to the shadow database. */
export interface ShadowStatement {
  readonly text: string;
  readonly place: SqlPlace;
  readonly millis: Millis;
  /** Tables that were there before the migration, with the strongest lock that it holds on each after this statement. */
  readonly locks: readonly HeldLock[];
  /** Tables whose rows were written anew. */
  readonly rewritten: readonly string[];
  /** Why the database refused it; the migration ends here. */
  readonly refused: string | null;
}

/** Why a migration cannot run, and where. */
export interface ShadowRefusal {
  readonly message: string;
  readonly place: SqlPlace;
  readonly hint: string | null;
  /** The shadow server lacks something, an extension or a right, that the real one may have: nobody knows. */
  readonly unsure: boolean;
}

/** What one migration did to the shadow database. */
export interface ShadowResult {
  readonly id: string;
  readonly file: string;
  readonly statements: readonly ShadowStatement[];
  readonly refused: ShadowRefusal | null;
  /**
   * Whether there, back and there again leaves the schema as it was; null where there is no way back, or the migration was
   * refused.
   */
  readonly back: { readonly tested: true } | { readonly tested: false; readonly why: string } | null;
}

/**
 * Runs migrations on a database that is made for it on a server and dropped again: first those that are applied already, to
 * have the schema, then the others statement by statement, timed, with the locks that PostgreSQL holds for each, and where
 * they have a way back, back and there again. Times on an empty database say which statement is slow to plan, not how long
 * the rows will take. May be repeated. What the database refuses is an answer; that there is no database is a throw.
 */
export async function shadowCheck(
  url: string,
  history: readonly ShadowMigration[],
  pending: readonly ShadowMigration[],
): Promise<readonly ShadowResult[]> {
  return withShadowDatabase(url, async (shadow) => {
    for (const migration of history) await replay(shadow, migration);
    const results: ShadowResult[] = [];
    for (const migration of pending) {
      const result = await observe(shadow, migration);
      results.push(result);
      if (result.refused !== null) break;
    }
    return results;
  });
}

async function replay(shadow: Client, { id, file, up }: ShadowMigration): Promise<void> {
  const refused = await runAll(shadow, up);
  if (refused !== null)
    throw new FairwayError("database_unusable", `${file} was applied, but not to an empty database: ${refused}`, {
      hint: `the migrations before it do not make what ${id} needs; write them down, or baseline them in one`,
    });
}

/** Runs statements outside of a transaction; answers what the database refused. */
async function runAll(shadow: Client, sql: string): Promise<string | null> {
  const reading = readSql(sql);
  if ("problem" in reading) return `line ${reading.problem.place.line}: ${reading.problem.message}`;
  for (const statement of reading.statements) {
    const refused = await run(shadow, statement, reading.statements);
    if (refused !== null) return `line ${statement.place.line}: ${refused.message}`;
  }
  return null;
}

/**
 * One statement; what the database refuses is an answer. All of a table's rows are one batch: what comes later finds them done.
 */
async function run(
  shadow: Client,
  statement: SqlStatement,
  among: readonly SqlStatement[],
): Promise<(Error & { readonly hint?: string }) | null> {
  try {
    const batches = batchOf(among);
    const isBatch = batches !== null && "batch" in batches && batches.batch.statement === statement;
    await (isBatch
      ? shadow.query(statement.text, [...(await keysOf(shadow, batches.batch))])
      : shadow.query(statement.text));
    return null;
  } catch (thrown) {
    if (sqlState(thrown) === null) throw thrown;
    const noRoom = outOfRoom(thrown);
    if (noRoom !== null) throw noRoom;
    return thrown as Error & { readonly hint?: string };
  }
}

/**
 * The first and the last key; null where there are no rows. The names are what a directive may have, which is no more than
 * names.
 */
async function keysOf(shadow: Client, { table, key }: Batch): Promise<readonly (string | null)[]> {
  // Named otherwise, for what is called as the column would be what is sorted, and as text 9 comes after 10.
  const { rows } = await shadow.query<{ first: string | null; last: string | null }>(
    `select (select ${key}::text as one from ${table} order by ${key} limit 1) as first,
            (select ${key}::text as one from ${table} order by ${key} desc limit 1) as last`,
  );
  return [rows[0]?.first ?? null, rows[0]?.last ?? null];
}

async function observe(shadow: Client, migration: ShadowMigration): Promise<ShadowResult> {
  const { id, file, up, down = null } = migration;
  const none = { id, file, statements: [], back: null };
  const reading = readSql(up);
  if ("problem" in reading) return { ...none, refused: { hint: null, ...reading.problem, unsure: false } };
  const batches = batchOf(reading.statements);
  if (batches !== null && "problem" in batches) return { ...none, refused: { ...batches.problem, unsure: false } };
  const before = down === null ? [] : await schemaOf(shadow);
  const { statements, refused } = await observeStatements(shadow, migration, reading.statements);
  const back = down === null || refused !== null ? null : await thereAndBack(shadow, before, down, up);
  return { id, file, statements, refused, back };
}

/**
 * https://www.postgresql.org/docs/current/errcodes-appendix.html: feature_not_supported, undefined_file,
 * insufficient_privilege.
 */
const lacking: ReadonlySet<string> = new Set(["0A000", "58P01", "42501"]);

async function observeStatements(
  shadow: Client,
  { transaction }: ShadowMigration,
  all: readonly SqlStatement[],
): Promise<Pick<ShadowResult, "statements" | "refused">> {
  const before = await tablesOf(shadow);
  const seen: ShadowStatement[] = [];
  if (transaction) await shadow.query("begin");
  let files = before;
  for (const statement of all) {
    const { text, place } = statement;
    // Alone, a statement's locks are gone with it: it gets a transaction of its own to look at them, where it may have one.
    if (!transaction) await shadow.query("begin");
    const since = performance.now();
    let refused = await run(shadow, statement, all);
    const outside = !transaction && refused !== null && sqlState(refused) === "25001";
    if (outside) {
      await shadow.query("rollback");
      refused = await run(shadow, statement, all);
    }
    const millis = performance.now() - since;
    if (refused !== null) {
      seen.push({ text, place, millis, locks: [], rewritten: [], refused: refused.message });
      if (!outside) await shadow.query("rollback");
      const { message, hint = null } = refused;
      return { statements: seen, refused: { message, place, hint, unsure: lacking.has(sqlState(refused) ?? "") } };
    }
    const locks = outside ? [] : await locksOf(shadow, before);
    if (!transaction && !outside) await shadow.query("commit");
    const after = await tablesOf(shadow);
    const rewritten = [...after]
      .filter(([table, node]) => files.has(table) && files.get(table) !== node && before.has(table))
      .map(([table]) => table);
    seen.push({ text, place, millis, locks, rewritten, refused: null });
    files = after;
  }
  if (transaction) await shadow.query("commit");
  return { statements: seen, refused: null };
}

async function thereAndBack(
  shadow: Client,
  before: readonly string[],
  down: string,
  up: string,
): Promise<NonNullable<ShadowResult["back"]>> {
  const after = await schemaOf(shadow);
  const refusedBack = await runAll(shadow, down);
  if (refusedBack !== null) return { tested: false, why: `its way back is refused: ${refusedBack}` };
  const difference = differenceOf(before, await schemaOf(shadow));
  const refusedAgain = await runAll(shadow, up);
  if (difference !== null) return { tested: false, why: difference };
  if (refusedAgain !== null) return { tested: false, why: `after its way back it is refused: ${refusedAgain}` };
  const again = differenceOf(after, await schemaOf(shadow));
  return again === null ? { tested: true } : { tested: false, why: `the second time ${again}` };
}
