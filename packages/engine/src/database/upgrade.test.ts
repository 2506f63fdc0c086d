import { once } from "node:events";
import { readFile, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Binaries } from "./binaries.ts";
import { keptBinaries, packagedBinaries } from "./binaries.ts";
import type { EmbeddedPostgres } from "./embedded-postgres.ts";
import { openEmbeddedPostgres } from "./embedded-postgres.ts";
import { runInChild } from "./run-in-child.ts";
import type { ScratchDirectory } from "./test-database.ts";
import { scratchDirectory } from "./test-database.ts";
import { upgradeEmbeddedPostgres } from "./upgrade.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const older = packagedBinaries("embedded-postgres-17");
const newer = packagedBinaries();

let scratch: ScratchDirectory;
let directory: string;
beforeEach(async () => {
  scratch = await scratchDirectory();
  directory = join(scratch.path, "database");
});
afterEach(() => scratch.remove());

/** A schema with all that tends to be lost on the way: computed columns, identities, own types, triggers, cycles. */
async function prepare({ connection }: { readonly connection: EmbeddedPostgres["connection"] }): Promise<void> {
  await ask(
    connection,
    `
    create schema dbos;
    create type mood as enum ('fine', 'poor');
    create table runs (id bigint generated always as identity primary key, name text not null, moods mood[], at timestamptz, ratio double precision,
                       body jsonb, raw bytea, shout text generated always as (upper(name)) stored, parent bigint references runs);
    create table migrations (name text primary key);
    insert into migrations values ('0001');
    create table dbos."Odd ""name""" (id serial primary key, run bigint references runs);
    create table nothing ();
    create function dbos.refuse() returns trigger language plpgsql as $$ begin raise exception 'a trigger ran'; end $$;
    create trigger refuse_negative before insert on dbos."Odd ""name""" for each row when (new.id < 0) execute function dbos.refuse();`,
  );
}

async function fill(database: EmbeddedPostgres): Promise<void> {
  await prepare(database);
  await ask(
    database.connection,
    `
    insert into migrations values ('0002');
    insert into runs (name, moods, at, ratio, body, raw, parent)
      select 'run ' || n || E'\\t\\n\\\\é', array['fine', 'poor']::mood[], '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 ms', 1 / n::float8, jsonb_build_object('n', n), sha256(n::text::bytea), nullif(n - 1, 0)
        from generate_series(1, 3000) n;
    update runs set parent = 3000 where id = 1;
    insert into dbos."Odd ""name""" (run) select id from runs limit 10;`,
  );
}

async function ask(
  connection: EmbeddedPostgres["connection"],
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(connection);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const openOld = (): Promise<EmbeddedPostgres> =>
  openEmbeddedPostgres({ directory, binaries: older!, settings: { fsync: "off" } });
const openNew = (): Promise<EmbeddedPostgres> => openEmbeddedPostgres({ directory, settings: { fsync: "off" } });

describe.skipIf(older === undefined)(
  "from PostgreSQL 17, whose binaries are an optional dependency of this repository for linux-x64,",
  () => {
    test("every row, sequence and computed column comes along, and the old database is kept", async () => {
      const old = await openOld();
      await fill(old);
      const digest = `select md5(string_agg(r::text, '' order by id)) as digest, count(*)::int as count from runs r`;
      const before = await ask(old.connection, digest);
      await old.stop();

      expect(await upgradeEmbeddedPostgres({ directory, prepare })).toMatchObject({
        kind: "upgraded",
        from: 17,
        to: 18,
        copied: { tables: 4, rows: 3012 },
      });
      const upgraded = await openNew();
      expect(upgraded.major).toBe(18);
      expect(await ask(upgraded.connection, digest)).toEqual(before);
      expect(
        await ask(upgraded.connection, "insert into runs (name) values ('next') returning id::int, shout"),
      ).toEqual([{ id: 3001, shout: "NEXT" }]);
      expect(await ask(upgraded.connection, `insert into dbos."Odd ""name""" default values returning id`)).toEqual([
        { id: 11 },
      ]);
      expect(await ask(upgraded.connection, "select string_agg(name, ' ') as names from migrations")).toEqual([
        { names: "0001 0002" },
      ]);
      await expect(ask(upgraded.connection, `insert into dbos."Odd ""name""" values (-1)`)).rejects.toThrow(
        "a trigger ran",
      );
      await upgraded.stop();
      expect((await readFile(join(directory, "postgres-17-kept", "PG_VERSION"), "utf8")).trim()).toBe("17");
    });

    test("a package of a new major changes nothing by itself, and says that an upgrade is possible", async () => {
      await (await openOld()).stop();
      const database = await openNew();
      expect(database).toMatchObject({ major: 17, packagedMajor: 18 });
      expect(database.version).toMatch(/^17\./);
      await database.stop();
    });

    test("a schema that the new version would not have is named, and the old database goes on", async () => {
      const old = await openOld();
      await fill(old);
      await ask(old.connection, "create table forgotten (id int)");
      await old.leave();
      await expect(upgradeEmbeddedPostgres({ directory, prepare })).rejects.toMatchObject({
        code: "database_unusable",
        problems: expect.arrayContaining(["only in the old database: table public.forgotten"]) as string[],
      });
      const still = await openNew();
      expect(still.major).toBe(17);
      expect(await ask(still.connection, "select count(*)::int as count from runs")).toEqual([{ count: 3000 }]);
      await still.stop();
      expect((await readdir(directory)).filter((name) => name.includes(".unfinished-"))).toEqual([]);
    });

    test("killed in the middle, it leaves the old database running and the next opener clears up", async () => {
      const old = await openOld();
      await fill(old);
      await old.stop();
      const { child } = await runInChild(
        new URL("./upgrade.ts", import.meta.url),
        `await ours.upgradeEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, prepare: () => { console.log("in the middle"); return new Promise(() => setInterval(() => {}, 1e6)); } });`,
      );
      child.kill("SIGKILL");
      await once(child, "exit");
      const still = await openNew();
      expect(still).toMatchObject({ major: 17, adopted: true });
      expect(await ask(still.connection, "select count(*)::int as count from runs")).toEqual([{ count: 3000 }]);
      await still.stop();
      expect((await readdir(directory)).filter((name) => name.includes(".unfinished-"))).toEqual([]);
    });
  },
);

test("killed between the two renames, the new database takes its place at the next start", async () => {
  const first = await openNew();
  await ask(first.connection, "create table arrived as select 42 as answer");
  await first.stop();
  await rename(first.cluster, join(directory, "postgres-incoming"));
  const second = await openNew();
  expect(await ask(second.connection, "select answer from arrived")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("of the same major there is nothing to upgrade", async () => {
  await (await openNew()).stop();
  expect(await upgradeEmbeddedPostgres({ directory, prepare })).toEqual({ kind: "current", major: newer?.major });
});

test("a newer package of the same major serves from the next start on, and the binaries before it go", async () => {
  const package1899: Binaries = { ...(newer as Binaries), version: "18.99.0" };
  const openNewer = (): Promise<EmbeddedPostgres> =>
    openEmbeddedPostgres({ directory, binaries: package1899, settings: { fsync: "off" } });
  const versions = (): readonly string[] => keptBinaries(directory).map(({ version }) => version);
  await (await openNew()).leave();
  const before = versions();
  // An adopted server goes on with what it runs from.
  const adopted = await openNewer();
  expect(versions()).toEqual(expect.arrayContaining([...before, "18.99.0"]));
  await adopted.stop();
  await (await openNewer()).stop();
  expect(versions()).toEqual(["18.99.0"]);
});
