import { messageOf } from "@fairway/core";
import { askOnce } from "./ask-once.ts";
import type { connectionTo } from "./server.ts";

/** What was looked at, and what is wrong with it. */
export interface Integrity {
  readonly checked: number;
  readonly problems: readonly string[];
}

/** Reads every page of every table and compares every index with its table, in each database, by PostgreSQL's own amcheck. */
export async function checkIntegrity(connection: ReturnType<typeof connectionTo>): Promise<Integrity> {
  const names = await askOnce(connection, async (ask) =>
    (
      await ask<{ readonly datname: string }>(
        "select datname from pg_database where datallowconn and not datistemplate order by 1",
      )
    ).map(({ datname }) => datname),
  );
  const found: Integrity[] = [];
  for (const database of names)
    found.push(await askOnce({ ...connection, database }, (ask) => checkDatabase(ask, database)));
  return {
    checked: found.reduce((sum, { checked }) => sum + checked, 0),
    problems: found.flatMap(({ problems }) => problems),
  };
}

type Ask = Parameters<Parameters<typeof askOnce>[1]>[0];

async function checkDatabase(ask: Ask, database: string): Promise<Integrity> {
  await ask("create extension if not exists amcheck");
  const rows = await ask<{ oid: number; name: string; kind: string }>(
    `select c.oid::int8::int as oid, c.oid::regclass::text as name, c.relkind::text as kind from pg_class c left join pg_am a on a.oid = c.relam
     where (c.relkind = 'i' and a.amname = 'btree' or c.relkind in ('r', 'm', 't') and a.amname = 'heap')
       and c.relpersistence = 'p' and (c.relkind <> 'i' or (select indisvalid and indisready from pg_index where indexrelid = c.oid))
     order by c.oid`,
  );
  const problems: string[] = [];
  for (const { oid, name, kind } of rows) {
    try {
      const statement =
        kind === "i"
          ? "select bt_index_check($1::oid::regclass, true) as msg"
          : "select msg from verify_heapam($1::oid::regclass)";
      const told = await ask<{ msg: string | null }>(statement, [oid]);
      for (const { msg } of told) if (msg) problems.push(`${database}, ${name}: ${msg}`);
    } catch (thrown) {
      problems.push(`${database}, ${name}: ${messageOf(thrown)}`);
    }
  }
  return { checked: rows.length, problems };
}
