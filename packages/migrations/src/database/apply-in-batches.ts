import { setTimeout as wait } from "node:timers/promises";
import type { Millis, Migration } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Client } from "pg";
import type { Batch } from "../classing/batch-directive.ts";
import type { ApplyEnd } from "./apply-end.ts";
import { told } from "./apply-end.ts";
import { mostTries, pauseAfter } from "./lock-patience.ts";
import type { Applier } from "./record-table.ts";
import { recordApplied, recordHalted } from "./record-table.ts";
import { sqlState } from "./session.ts";

/** How far a migration has come; in the database that it changes, written with each batch. */
interface Progress {
  /** The last key of the last batch, as text; null before the first. */
  readonly after: string | null;
  /** The last key when it began. What programs write after that is theirs. */
  readonly until: string | null;
  readonly rows: number;
}

/** The table and its column as PostgreSQL knows them, quoted where they must be. */
interface Keyed {
  readonly table: string;
  readonly key: string;
  readonly type: string;
  /** As the planner thinks: people want to know how long it takes, not how many there are. 0 where it has no idea. */
  readonly estimate: number;
}

/** Others have the table for themselves half of the time. */
const longestRest: Millis = 1_000;

/**
 * Runs one statement for a table's rows in the order of a key, so many at a time, each batch a transaction that also writes
 * down how far it came. Called again after whatever ended it, a `kill -9` too, it goes on behind the last batch: no row is
 * changed twice and none is left out. Throws `fenced` when a newer holder of the environment has taken over.
 */
export async function applyInBatches(
  client: Client,
  migration: Migration,
  batch: Batch,
  applier: Applier,
  tell: (message: string) => void,
): Promise<ApplyEnd> {
  const keyed = await keyedTable(client, batch);
  if ("problem" in keyed)
    return {
      outcome: "failed",
      left: "nothing",
      place: batch.statement.place,
      message: keyed.problem,
      hint: keyed.hint,
    };
  await begin(client, migration, keyed, applier);
  let shown = -1;
  let worst = 1;
  for (;;) {
    const since = performance.now();
    let ended: Step;
    let tries = 1;
    for (; ; tries++) {
      ended = await step(client, migration, batch, keyed, applier);
      if (ended.step !== "waits" || tries === mostTries) break;
      tell(`another session holds a lock that ${migration.id} needs; try ${tries + 1} of ${mostTries}`);
      await wait(pauseAfter(tries));
    }
    worst = Math.max(worst, tries);
    switch (ended.step) {
      case "done":
        return { outcome: "applied", tries: worst };
      case "waits":
      case "refused": {
        const { rows, thrown } = ended;
        const { message, hint } = told(thrown, batch.statement.text);
        const trouble = `after ${count(rows)} rows of ${keyed.table}, line ${batch.statement.place.line}: ${message}`;
        await recordHalted(client, migration.id, trouble);
        return {
          outcome: "failed",
          left: rows === 0 ? "nothing" : "batches",
          message: trouble,
          place: batch.statement.place,
          hint: hint ?? "every batch before is whole; the next try goes on behind it",
        };
      }
      case "moved": {
        const { rows } = ended;
        const percent = keyed.estimate === 0 ? null : Math.floor((100 * rows) / Math.max(keyed.estimate, rows));
        if (percent === null) tell(`${count(rows)} rows of ${keyed.table}`);
        else if (percent > shown) tell(`${count(rows)} of about ${count(Math.max(keyed.estimate, rows))} rows`);
        shown = percent ?? shown;
        await wait(Math.min(performance.now() - since, longestRest));
      }
    }
  }
}

const count = (rows: number): string => rows.toLocaleString("en");

type Step =
  | { readonly step: "done" }
  | { readonly step: "moved"; readonly rows: number }
  | { readonly step: "waits" | "refused"; readonly rows: number; readonly thrown: unknown };

/** One batch, whole or not at all. */
async function step(
  client: Client,
  migration: Migration,
  { rows: atOnce, statement, after }: Batch,
  { table, key, type }: Keyed,
  applier: Applier,
): Promise<Step> {
  await client.query("begin");
  let progress: Progress = { after: null, until: null, rows: 0 };
  try {
    const found = await taken(client, migration, applier);
    if (found === null) {
      await client.query("rollback");
      return { step: "done" };
    }
    progress = found;
    const { rows } = await client.query<{ first: string | null; last: string | null; count: string }>(
      `select min(key)::text as first, max(key)::text as last, count(*) as count from
         (select ${key} as key from ${table} where ($1::text is null or ${key} > $1::text::${type}) and ${key} <= $2::text::${type}
           order by ${key} limit ${atOnce}) as batch`,
      [progress.after, progress.until],
    );
    const next = rows[0];
    if (next === undefined || next.first === null || next.last === null) {
      for (const { text } of after) await client.query(text);
      await recordApplied(client, migration, applier);
      await client.query("commit");
      return { step: "done" };
    }
    await client.query(statement.text, [next.first, next.last]);
    const moved: Progress = { ...progress, after: next.last, rows: progress.rows + Number(next.count) };
    await client.query(`update fairway_migrations set progress = $2, trouble = null, fence = $3 where id = $1`, [
      migration.id,
      JSON.stringify(moved),
      applier.fence,
    ]);
    await client.query("commit");
    return { step: "moved", rows: moved.rows };
  } catch (thrown) {
    if (sqlState(thrown) === null) {
      // Ours is thrown on; without a connection PostgreSQL undoes the batch by itself.
      await client.query("rollback").catch(() => undefined);
      throw thrown;
    }
    await client.query("rollback");
    return { step: sqlState(thrown) === "55P03" ? "waits" : "refused", rows: progress.rows, thrown };
  }
}

/** The progress, held until the batch ends, so that two never do the same one; null when another has done the last. */
async function taken(client: Client, { id }: Migration, { fence }: Applier): Promise<Progress | null> {
  const { rows } = await client.query<{ progress: Progress | null; fence: string; state: string }>(
    "select progress, fence, state from fairway_migrations where id = $1 for update",
    [id],
  );
  const [row] = rows;
  if (row === undefined || Number(row.fence) > fence)
    throw new FairwayError("fenced", `a newer deployment has gone on with ${id}`);
  return row.state === "applied" ? null : row.progress;
}

/** Writes down that it is begun and where it ends; what an earlier try has written stays. */
async function begin(
  client: Client,
  { id, checksum, class: of }: Migration,
  { table, key }: Keyed,
  { by, fence, service }: Applier,
): Promise<void> {
  const { rows } = await client.query<{ until: string | null }>(
    `select ${key}::text as until from ${table} order by ${key} desc limit 1`,
  );
  const progress: Progress = { after: null, until: rows[0]?.until ?? null, rows: 0 };
  await client.query(
    `insert into fairway_migrations (id, checksum, class, state, applied_by, fence, progress, service)
     values ($1, $2, $3, 'running', $4, $5, $6, $7)
     on conflict (id) do update set trouble = null, checksum = $2, applied_by = $4
       where fairway_migrations.state = 'running' and fairway_migrations.fence <= $5`,
    [id, checksum, of, by, fence, JSON.stringify(progress), service ?? null],
  );
}

/** Without an index every batch would read the whole table; without NOT NULL rows would be left out. */
async function keyedTable(
  client: Client,
  { table, key }: Batch,
): Promise<Keyed | { readonly problem: string; readonly hint: string }> {
  const name = key.startsWith('"') ? key.slice(1, -1) : key.toLowerCase();
  const { rows } = await client.query<{
    table: string;
    key: string | null;
    type: string;
    required: boolean;
    indexed: boolean;
    estimate: number;
  }>(
    `select c.oid::regclass::text as "table", quote_ident(a.attname) as key, format_type(a.atttypid, a.atttypmod) as type,
            a.attnotnull as required, greatest(c.reltuples, 0)::float8 as estimate,
            exists (select from pg_index i where i.indrelid = c.oid and i.indkey[0] = a.attnum
                      and i.indisvalid and i.indpred is null and i.indisunique and i.indnkeyatts = 1) as indexed
       from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attname = $2 and not a.attisdropped
      where c.oid = to_regclass($1)`,
    [table, name],
  );
  const [found] = rows;
  if (found === undefined)
    return { problem: `there is no table ${table}`, hint: "name it as SQL does, with its schema" };
  if (found.key === null) return { problem: `${table} has no column ${key}`, hint: "name its primary key" };
  if (!found.required || !found.indexed)
    return {
      problem: `${table}.${key} is no key: ${found.required ? "no unique index is on it alone" : "it may be empty"}`,
      hint: "name the primary key, or another column that is NOT NULL and has a unique index",
    };
  return { ...found, key: found.key };
}
