import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { Client } from "pg";
import { escapeLiteral } from "pg";
import type { TableToCopy } from "./schema-inventory.ts";
import { inventory, sequences, tablesToCopy } from "./schema-inventory.ts";

/** How many rows of how many tables were copied and found equal. */
export interface CopiedRows {
  readonly tables: number;
  readonly rows: number;
}

/**
 * Copies every row and sequence of one database into another whose schemas are the same, in one transaction on each
 * side, and compares both. Rows go through a file in a directory that both servers reach, in COPY's text form: its
 * binary form carries type numbers, which differ between clusters for types of our own.
 */
export async function copyRows(from: Client, to: Client, exchange: string): Promise<CopiedRows> {
  // Names are then written with their schemas on both sides.
  for (const client of [from, to]) await client.query("set search_path = ''");
  await from.query("begin isolation level repeatable read read only");
  await to.query("begin");
  // Neither triggers nor foreign keys act on rows that are a consistent state already.
  await to.query("set local session_replication_role = replica");
  await refuseDifferences(from, to);
  const tables = await tablesToCopy(from);
  // The migrations that made the schemas may have left rows.
  if (tables.length > 0) await to.query(`truncate ${tables.map(({ name }) => name).join(", ")}`);
  let rows = 0;
  for (const [index, table] of tables.entries())
    rows += await copyTable(from, to, table, join(exchange, `${index}.copy`));
  for (const name of await sequences(from)) await copySequence(from, to, name);
  await to.query("commit");
  await from.query("commit");
  await to.query("analyze");
  return { tables: tables.length, rows };
}

async function refuseDifferences(from: Client, to: Client): Promise<void> {
  const [old, fresh] = [await inventory(from), await inventory(to)];
  const problems = [
    ...[...old].filter((line) => !fresh.has(line)).map((line) => `only in the old database: ${line}`),
    ...[...fresh].filter((line) => !old.has(line)).map((line) => `only in the new database: ${line}`),
  ];
  if (problems.length === 0) return;
  throw new FairwayError(
    "database_unusable",
    `could not copy the database: the schemas differ in ${problems.length} places, first: ${problems[0]}`,
    {
      problems,
      hint: "run all migrations on the old database first; what is not Fairway's must move to a database of its own",
    },
  );
}

async function copyTable(from: Client, to: Client, table: TableToCopy, file: string): Promise<number> {
  if (table.columns.length > 0) {
    const columns = table.columns.join(", ");
    await from.query(`copy ${table.name} (${columns}) to ${escapeLiteral(file)}`);
    await to.query(`copy ${table.name} (${columns}) from ${escapeLiteral(file)}`);
    await rm(file);
  }
  const [old, fresh] = [await summaryOf(from, table), await summaryOf(to, table)];
  if (old.count !== fresh.count || old.checksum !== fresh.checksum) {
    throw new FairwayError(
      "database_unusable",
      `could not copy the table ${table.name}: ${old.count} rows became ${fresh.count}, or their content differs`,
    );
  }
  return old.count;
}

interface TableSummary {
  readonly count: number;
  readonly checksum: string;
}

/** Independent of the rows' order, and of any hash function that PostgreSQL may change between versions. */
async function summaryOf(client: Client, table: TableToCopy): Promise<TableSummary> {
  const { rows } = await client.query<{ count: string; checksum: string }>(
    `select count(*) as count, coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text as checksum
       from (select ${table.columns.join(", ")} from ${table.name}) t`,
  );
  return { count: Number(rows[0]?.count), checksum: rows[0]?.checksum ?? "" };
}

async function copySequence(from: Client, to: Client, name: string): Promise<void> {
  const { rows } = await from.query<{ last_value: string; is_called: boolean }>(
    `select last_value, is_called from ${name}`,
  );
  await to.query("select pg_catalog.setval($1::regclass, $2, $3)", [name, rows[0]?.last_value, rows[0]?.is_called]);
}
