import { setTimeout as wait } from "node:timers/promises";
import type { Migration } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";
import type { Client } from "pg";
import { batchOf } from "../classing/batch-directive.ts";
import { changesOf } from "../reading/changes-of.ts";
import type { SqlPlace } from "../reading/place.ts";
import type { SqlStatement } from "../reading/read-sql.ts";
import { readSql } from "../reading/read-sql.ts";
import type { ApplyEnd } from "./apply-end.ts";
import { told } from "./apply-end.ts";
import { applyInBatches } from "./apply-in-batches.ts";
import { mostTries, pauseAfter } from "./lock-patience.ts";
import type { Applier } from "./record-table.ts";
import { ensureRecordTable, newestFence, recordApplied, recordBegun, recordFailed } from "./record-table.ts";
import { sqlState } from "./session.ts";

/** A migration with the SQL that it is. */
export interface RunnableMigration extends Migration {
  readonly up: string;
  readonly transaction: boolean;
}

/**
 * Applies one migration and writes down that it did, so that it is never applied twice: in one transaction where PostgreSQL
 * allows it, else with a note before and after, or in batches with a note at each. Throws `fenced` when a newer holder of the
 * environment has been here, and `needs_attention` when the connection broke at the moment of the commit.
 */
export async function applyMigration(
  client: Client,
  migration: RunnableMigration,
  applier: Applier,
  tell: (message: string) => void,
): Promise<ApplyEnd> {
  await ensureRecordTable(client);
  const newest = await newestFence(client);
  if (newest > applier.fence)
    throw new FairwayError("fenced", `this database has been migrated at epoch ${newest} by a newer deployment`);
  const reading = readSql(migration.up);
  if ("problem" in reading) {
    const { message, place, hint } = reading.problem;
    return { outcome: "failed", left: "nothing", message, place, hint: hint ?? null };
  }
  const batches = batchOf(reading.statements);
  if (batches !== null && "problem" in batches) return { outcome: "failed", left: "nothing", ...batches.problem };
  if (batches !== null) return applyInBatches(client, migration, batches.batch, applier, tell);
  if (!migration.transaction) return oneByOne(client, migration, reading.statements, applier, tell);
  return ownTransaction(reading.statements) ?? inTransaction(client, migration, reading.statements, applier, tell);
}

/** A COMMIT of its own would end the transaction that is to hold the migration and its record together. */
function ownTransaction(statements: readonly SqlStatement[]): ApplyEnd | null {
  const own = statements.find(({ node }) =>
    changesOf(node).some((change) => change.do === "transaction" && change.which !== "savepoint"),
  );
  if (own === undefined) return null;
  return {
    outcome: "failed",
    left: "nothing",
    message: `${own.text} would end the transaction that this migration runs in`,
    place: own.place,
    hint: "take it out, or run the migration outside of a transaction: -- fairway: no-transaction",
  };
}

/** So many are sent one by one, so that what goes wrong has its line; of more each would be a turn on the wire. */
const mostAlone = 500;

async function inTransaction(
  client: Client,
  migration: RunnableMigration,
  statements: readonly SqlStatement[],
  applier: Applier,
  tell: (message: string) => void,
): Promise<ApplyEnd> {
  for (let tries = 1; ; tries++) {
    await client.query("begin");
    let at: SqlStatement | null = null;
    try {
      if (statements.length > mostAlone) await client.query(migration.up);
      else
        for (const statement of statements) {
          at = statement;
          await client.query(statement.text);
        }
      at = null;
      await recordApplied(client, migration, applier);
    } catch (thrown) {
      const failed = await undone(client, migration, at, thrown);
      if (sqlState(thrown) !== "55P03" || tries === mostTries) return failed;
      tell(`another session holds a lock that ${migration.id} needs; try ${tries + 1} of ${mostTries}`);
      await wait(pauseAfter(tries));
      continue;
    }
    return (await committed(client, migration)) ?? { outcome: "applied", tries };
  }
}

async function undone(
  client: Client,
  { up }: RunnableMigration,
  at: SqlStatement | null,
  thrown: unknown,
): Promise<ApplyEnd & { outcome: "failed" }> {
  try {
    await client.query("rollback");
  } catch (broken) {
    // Without a connection PostgreSQL undoes it by itself.
    if (sqlState(thrown) === null) throw broken;
  }
  if (sqlState(thrown) === null) throw thrown;
  if (at === null) return { outcome: "failed", left: "nothing", ...told(thrown, up) };
  const { place, ...words } = told(thrown, at.text);
  return { outcome: "failed", left: "nothing", ...words, place: placeIn(at, place) };
}

/** A place in a statement, as one in its file; the statement's own where PostgreSQL names none. */
function placeIn({ place: begin }: SqlStatement, place: SqlPlace | null): SqlPlace {
  if (place === null) return begin;
  const { line, column } = place;
  return { line: begin.line + line - 1, column: line === 1 ? begin.column + column - 1 : column };
}

/** Null when it is; what is checked at the end only, a deferred constraint say, or a full disk, may still refuse it. */
async function committed(client: Client, { id, up }: RunnableMigration): Promise<ApplyEnd | null> {
  try {
    await client.query("commit");
    return null;
  } catch (thrown) {
    // PostgreSQL has undone what it refuses to commit.
    if (sqlState(thrown) !== null) return { outcome: "failed", left: "nothing", ...told(thrown, up) };
    throw new FairwayError("needs_attention", `the connection broke while ${id} was committed: ${messageOf(thrown)}`, {
      hint: "the table fairway_migrations of the database says whether it was",
      retryable: true,
      cause: thrown,
    });
  }
}

async function oneByOne(
  client: Client,
  migration: RunnableMigration,
  statements: readonly SqlStatement[],
  applier: Applier,
  tell: (message: string) => void,
): Promise<ApplyEnd> {
  await recordBegun(client, migration, applier);
  let worst = 1;
  for (const [index, { text, place }] of statements.entries()) {
    for (let tries = 1; ; tries++) {
      worst = Math.max(worst, tries);
      try {
        await client.query(text);
        break;
      } catch (thrown) {
        if (sqlState(thrown) === null) throw thrown;
        if (sqlState(thrown) === "55P03" && tries < mostTries && !/\bconcurrently\b/iu.test(text)) {
          tell(`another session holds a lock that ${migration.id} needs; try ${tries + 1} of ${mostTries}`);
          await wait(pauseAfter(tries));
          continue;
        }
        const { message, hint } = told(thrown, text);
        const trouble = `statement ${index + 1} of ${statements.length}, line ${place.line}: ${message}`;
        await recordFailed(client, migration.id, trouble);
        return { outcome: "failed", left: "half", message: trouble, place, hint };
      }
    }
  }
  await recordApplied(client, migration, applier);
  return { outcome: "applied", tries: worst };
}
