import type { Millis } from "@fairway/core";
import { messageOf } from "@fairway/core";
import { askOnce } from "./ask-once.ts";
import type { connectionTo } from "./server.ts";

/** What was looked at, and what is wrong with it. */
export interface Integrity {
  readonly checked: number;
  /** Damage that was found. */
  readonly problems: readonly string[];
  /** What was not looked at to its end: nobody knows whether it is sound. */
  readonly unlooked: readonly string[];
}

/**
 * PostgreSQL's word for a statement that was ended before it was done:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const canceled = "57014";
const unhurried: Millis = 10 * 60_000;

/**
 * Reads every page of every table and compares every index with its table, in each database, by PostgreSQL's own amcheck.
 * `within`: how long it may look at one of them. Throws where the server goes away meanwhile.
 */
export async function checkIntegrity(
  connection: ReturnType<typeof connectionTo>,
  within: Millis = unhurried,
): Promise<Integrity> {
  const names = await askOnce(connection, async (ask) =>
    (
      await ask<{ readonly datname: string }>(
        "select datname from pg_database where datallowconn and not datistemplate order by 1",
      )
    ).map(({ datname }) => datname),
  );
  const found: Integrity[] = [];
  for (const database of names)
    found.push(await askOnce({ ...connection, database }, (ask) => checkDatabase(ask, database, within)));
  return {
    checked: found.reduce((sum, { checked }) => sum + checked, 0),
    problems: found.flatMap(({ problems }) => problems),
    unlooked: found.flatMap(({ unlooked }) => unlooked),
  };
}

type Ask = Parameters<Parameters<typeof askOnce>[1]>[0];

async function checkDatabase(ask: Ask, database: string, within: Millis): Promise<Integrity> {
  await ask("create extension if not exists amcheck");
  const rows = await ask<{ oid: number; name: string; kind: string }>(
    `select c.oid::int8::int as oid, c.oid::regclass::text as name, c.relkind::text as kind from pg_class c left join pg_am a on a.oid = c.relam
     where (c.relkind = 'i' and a.amname = 'btree' or c.relkind in ('r', 'm', 't') and a.amname = 'heap')
       and c.relpersistence = 'p' and (c.relkind <> 'i' or (select indisvalid and indisready from pg_index where indexrelid = c.oid))
     order by c.oid`,
  );
  await ask("select set_config('statement_timeout', $1, false)", [String(within)]);
  const [problems, unlooked] = [[] as string[], [] as string[]];
  for (const { oid, name, kind } of rows) {
    try {
      const statement =
        kind === "i"
          ? "select bt_index_check($1::oid::regclass, true) as msg"
          : "select msg from verify_heapam($1::oid::regclass)";
      const told = await ask<{ msg: string | null }>(statement, [oid]);
      for (const { msg } of told) if (msg) problems.push(`${database}, ${name}: ${msg}`);
    } catch (thrown) {
      const code = (thrown as { readonly code?: unknown }).code;
      if (code === canceled) unlooked.push(`${database}, ${name}`);
      // A word of PostgreSQL is about what it read; without one the server itself is gone, and nothing was found out.
      else if (typeof code === "string" && /^[0-9FHPX][0-9A-Z]{4}$/.test(code) && !code.startsWith("57"))
        problems.push(`${database}, ${name}: ${messageOf(thrown)}`);
      else throw thrown;
    }
  }
  return { checked: rows.length - unlooked.length, problems, unlooked };
}
