import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSqlParser } from "../reading/read-sql.ts";
import type { ApplyEnd } from "./apply-end.ts";
import { applyMigration } from "./apply-migration.ts";
import { withSession } from "./session.ts";
import type { TestDatabase } from "./testing/database-for-tests.ts";
import { databaseForTests } from "./testing/database-for-tests.ts";

let database: TestDatabase;

beforeAll(async () => {
  await loadSqlParser();
  database = await databaseForTests();
});
afterAll(() => database.drop());

const runs = Number(process.env["FAIRWAY_BATCH_KILLS"] ?? 4);
const limits = { lock: 50, statement: 0 };

let tables = 0;

/** A table of its own for each test, with keys that leave gaps. */
async function filledTable(rows: number): Promise<string> {
  const table = `orders_${++tables}`;
  await database.run(`create table ${table} (id bigint primary key, visits int not null default 0);
    insert into ${table} (id) select n * 3 from generate_series(1, ${rows}) n`);
  return table;
}

const migrationOf = (table: string, size: number, statement?: string): Parameters<typeof applyMigration>[1] => ({
  id: `fill_${table}`,
  title: "fill",
  file: `db/fill_${table}.sql`,
  checksum: "sha256:1",
  class: "data",
  reasons: [],
  reversible: false,
  up: `-- fairway: batch ${size} of ${table} by id\n${statement ?? `update ${table} set visits = visits + 1 where id between $1 and $2`};`,
  transaction: true,
});

const apply = (
  migration: Parameters<typeof applyMigration>[1],
  tell: (message: string) => void = () => undefined,
  fence = 1,
): Promise<ApplyEnd> =>
  withSession(database.url, limits, (client) => applyMigration(client, migration, { by: "anna", fence }, tell));

const visits = async (table: string): Promise<readonly unknown[]> =>
  database.run(`select visits, count(*)::int as rows from ${table} group by visits order by visits`);

const record = (id: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  database.run(`select state, trouble, progress from fairway_migrations where id = '${id}'`);

test("every row is changed once, in batches of the size that was asked for", async () => {
  const table = await filledTable(10);
  const told: string[] = [];
  expect(await apply(migrationOf(table, 4), (message) => told.push(message))).toEqual({ outcome: "applied", tries: 1 });
  expect(told.map((message) => Number.parseInt(message))).toEqual([4, 8, 10]);
  expect(await visits(table)).toEqual([{ visits: 1, rows: 10 }]);
  expect(await record(`fill_${table}`)).toMatchObject([{ state: "applied", progress: { rows: 10, after: "30" } }]);
});

test("what is behind it, as a tool's own record, is done once and last", async () => {
  const table = await filledTable(10);
  await database.run("create table done (migration text)");
  const up = `${migrationOf(table, 4).up}\ninsert into done values ('${table}');`;
  expect(await apply({ ...migrationOf(table, 4), up })).toMatchObject({ outcome: "applied" });
  expect(await database.run("select migration from done")).toEqual([{ migration: table }]);
});

test("an empty table has nothing to do", async () => {
  expect(await apply(migrationOf(await filledTable(0), 4))).toMatchObject({ outcome: "applied" });
});

test(
  "whose session is killed amid it goes on behind the last batch, wherever that was",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
        async (rows, size, kills) => {
          const table = await filledTable(rows);
          const migration = migrationOf(table, size);
          for (const after of kills) await killedAfter(after, migration);
          expect(await apply(migration)).toMatchObject({ outcome: "applied" });
          expect(await visits(table)).toEqual([{ visits: 1, rows }]);
        },
      ),
      { numRuns: runs },
    );
  },
  60_000 + runs * 1_000,
);

/** Ends the server's process behind the migration once so many batches were told of, as a `kill -9` of either side would. */
async function killedAfter(batches: number, migration: Parameters<typeof applyMigration>[1]): Promise<void> {
  await withSession(database.url, limits, async (client) => {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    let seen = 0;
    let killed: Promise<unknown> = Promise.resolve();
    const ended = applyMigration(client, migration, { by: "anna", fence: 1 }, () => {
      if (++seen === batches) killed = database.run(`select pg_terminate_backend(${rows[0]?.pid ?? 0}, 5000)`);
    });
    await ended.catch((thrown: unknown) => {
      if (seen < batches) throw thrown;
    });
    await killed;
  }).catch((thrown: unknown) => {
    if ((thrown as { readonly code?: string }).code !== "database_unavailable") throw thrown;
  });
}

test("a batch that is refused leaves those before it, says how far it came, and is tried again by the next", async () => {
  const table = await filledTable(10);
  await database.run(`alter table ${table} add constraint small check (id < 20 or visits = 0)`);
  const migration = migrationOf(table, 4);
  expect(await apply(migration)).toMatchObject({
    outcome: "failed",
    left: "batches",
    place: { line: 2, column: 1 },
    message: expect.stringContaining(`after 4 rows of ${table}, line 2: new row for relation`) as string,
  });
  expect(await record(migration.id)).toMatchObject([{ state: "running", progress: { rows: 4, after: "12" } }]);
  await database.run(`alter table ${table} drop constraint small`);
  expect(await apply(migration)).toMatchObject({ outcome: "applied" });
  expect(await visits(table)).toEqual([{ visits: 1, rows: 10 }]);
});

test.each([
  ["batch 1000 of nowhere by id", "there is no table nowhere"],
  ["batch 1000 of $table by number", "has no column number"],
  ["batch 1000 of $table by visits", ".visits is no key: no unique index is on it alone"],
])("%s is refused before anything is changed", async (words, message) => {
  const table = await filledTable(1);
  const up = `-- fairway: ${words.replace("$table", table)}\nupdate ${table} set visits = 1 where id between $1 and $2`;
  expect(await apply({ ...migrationOf(table, 1), up })).toMatchObject({
    outcome: "failed",
    left: "nothing",
    message: expect.stringContaining(message) as string,
  });
  expect(await record(`fill_${table}`)).toEqual([]);
});

test.each([
  ["-- fairway: batch\nupdate t set n = 1 where id between $1 and $2", 1, "does not say how many rows"],
  ["-- fairway: batch 0 of t by id\nupdate t set n = 1 where id between $1 and $2", 1, "does not say how many rows"],
  ["-- fairway: batch 10 of t by id\nupdate t set n = 1", 2, "does not say which rows"],
  ["-- fairway: batch 10 of t by id\nalter table t add column n int", 2, "only UPDATE, DELETE"],
])("%j is refused with its line", async (up, line, message) => {
  expect(await apply({ ...migrationOf("t", 1), up })).toMatchObject({
    outcome: "failed",
    left: "nothing",
    place: { line },
    message: expect.stringContaining(message) as string,
  });
});

test("a disk that is full ends it behind a whole batch, and once there is room it goes on", async () => {
  const table = await filledTable(10);
  await database.run(`create function full_${table}() returns trigger language plpgsql as $$ begin
      if new.id > 20 then raise exception 'could not extend file' using errcode = '53100', hint = 'Check free disk space.'; end if;
      return new; end $$;
    create trigger full_${table} before update on ${table} for each row execute function full_${table}()`);
  const migration = migrationOf(table, 4);
  expect(await apply(migration)).toMatchObject({
    outcome: "failed",
    left: "batches",
    message: `after 4 rows of ${table}, line 2: could not extend file`,
    place: { line: 2, column: 1 },
    hint: "Check free disk space.",
  });
  await database.run(`drop trigger full_${table} on ${table}`);
  expect(await apply(migration)).toMatchObject({ outcome: "applied" });
  expect(await visits(table)).toEqual([{ visits: 1, rows: 10 }]);
});

test("a batch waits for a row that others hold, in small bites", async () => {
  const table = await filledTable(10);
  const told: string[] = [];
  await withSession(database.url, limits, async (holder) => {
    await holder.query(`begin; update ${table} set visits = visits where id = 3`);
    let freed: Promise<unknown> = Promise.resolve();
    const ended = await apply(migrationOf(table, 4), (message) => {
      if (told.push(message) === 1) freed = holder.query("rollback");
    });
    await freed;
    expect(ended).toMatchObject({ outcome: "applied" });
  });
  expect(told[0]).toBe(`another session holds a lock that fill_${table} needs; try 2 of 6`);
  expect(await visits(table)).toEqual([{ visits: 1, rows: 10 }]);
});

// The last, because the database knows of a newer holder after it.
test("who was overtaken by a newer holder of the environment changes no further row", async () => {
  const table = await filledTable(10);
  const migration = migrationOf(table, 4);
  // The table of records is made by the first.
  await apply(migrationOf(await filledTable(1), 4));
  // The newer one comes right after the first batch, however fast the second would be.
  await database.run(`create function overtake() returns trigger language plpgsql as $$ begin new.fence = 2; return new; end $$;
    create trigger overtaken before update of progress on fairway_migrations for each row
      when (new.id = '${migration.id}' and new.progress ->> 'rows' = '4') execute function overtake()`);
  await expect(apply(migration)).rejects.toMatchObject({ code: "fenced" });
  expect(await visits(table)).toEqual([
    { visits: 0, rows: 6 },
    { visits: 1, rows: 4 },
  ]);
  expect(await apply(migration, undefined, 2)).toMatchObject({ outcome: "applied" });
  expect(await visits(table)).toEqual([{ visits: 1, rows: 10 }]);
});
