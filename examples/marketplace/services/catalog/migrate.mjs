/**
 * Brings a database up to date where nobody else does: `DATABASE_URL=… npm run migrate`. Fairway runs the same files, in
 * batches, with the locks looked after and the old release still answering.
 */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import pg from "pg";

const folder = new URL("migrations/", import.meta.url);
/** Any number will do, as long as everybody takes the same one. */
const lock = 7_205_321;

/** Runs the migrations that the database has not had. Safe to repeat, also by several at once. */
export async function migrate(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    // Asked again and again: whoever waits in PostgreSQL keeps an index from being built concurrently.
    while (!(await client.query("select pg_try_advisory_lock($1) as mine", [lock])).rows[0].mine) await sleep(100);
    await client.query("create table if not exists migrations_by_hand (name text primary key)");
    const { rows } = await client.query("select name from migrations_by_hand");
    const done = new Set(rows.map(({ name }) => name));
    const files = (await readdir(folder)).filter((name) => !name.endsWith(".down.sql")).sort();
    for (const name of files.filter((file) => !done.has(file))) {
      const sql = await readFile(new URL(name, folder), "utf8");
      // One statement for the rows between two numbers: here, for all of them at once.
      if (/^-- fairway: batch/m.test(sql)) await client.query(sql, [0, Number.MAX_SAFE_INTEGER]);
      else await client.query(sql);
      await client.query("insert into migrations_by_hand (name) values ($1)", [name]);
    }
  } finally {
    await client.end();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.env.DATABASE_URL) throw new Error("DATABASE_URL says which database");
  await migrate(process.env.DATABASE_URL);
}
