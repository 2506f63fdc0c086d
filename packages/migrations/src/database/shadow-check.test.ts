import { afterAll, beforeAll, expect, test } from "vitest";
import type { Seen } from "../linting/seen.ts";
import { after, lockedBy, seenNothing, unknownSchema } from "../linting/seen.ts";
import { isFreeTypeChange } from "../linting/type-change.ts";
import { changesOf } from "../reading/changes-of.ts";
import { loadSqlParser, readSql } from "../reading/read-sql.ts";
import type { SchemaChange } from "../reading/schema-change.ts";
import type { RunnableMigration } from "./apply-migration.ts";
import { shadowCheck } from "./shadow-check.ts";
import { shadowFindings } from "./shadow-findings.ts";
import type { TestDatabase } from "./testing/database-for-tests.ts";
import { databaseForTests } from "./testing/database-for-tests.ts";

let database: TestDatabase;

beforeAll(async () => {
  await loadSqlParser();
  database = await databaseForTests();
});
afterAll(() => database.drop());

const migration = (id: string, up: string, transaction = true): RunnableMigration => ({
  id,
  title: id,
  file: `${id}.sql`,
  checksum: "sha256:1",
  class: "expand",
  reasons: [],
  reversible: false,
  up,
  transaction,
});

const history = [
  migration(
    "0001",
    `create type order_state as enum ('open');
     create table people (id bigint primary key, name text);
     create table orders (id bigint primary key, note varchar(20), total numeric(8,2), state order_state, parent bigint, at timestamptz);
     insert into orders values (1, 'a', 1.5, 'open', null, now());
     create index orders_note on orders (note);`,
  ),
];

test("each statement is told with its locks, and whether it wrote the table anew", async () => {
  const [result] = await shadowCheck(database.url, history, [
    migration(
      "0002",
      `alter table orders add column x int;
       alter table orders alter column total type numeric(8,3);
       create table fresh (id bigint primary key);
       insert into people values (1, 'a');`,
    ),
  ]);
  expect(result).toMatchObject({ id: "0002", refused: null });
  expect(result?.statements.map(({ locks, rewritten }) => ({ locks, rewritten }))).toEqual([
    { locks: [{ table: "orders", mode: "AccessExclusiveLock" }], rewritten: [] },
    { locks: [{ table: "orders", mode: "AccessExclusiveLock" }], rewritten: ["orders"] },
    { locks: [{ table: "orders", mode: "AccessExclusiveLock" }], rewritten: [] },
    {
      locks: [
        { table: "orders", mode: "AccessExclusiveLock" },
        { table: "people", mode: "RowExclusiveLock" },
      ],
      rewritten: [],
    },
  ]);
});

/** Of this process: other test files make shadow databases on the same server meanwhile. */
const leftHere = (): Promise<readonly unknown[]> =>
  database.run(`select datname from pg_database where starts_with(datname, 'fairway_shadow_${process.pid}_')`);

test("what the database refuses ends the check with the line, and nothing is left behind", async () => {
  const results = await shadowCheck(database.url, history, [
    migration("0002", "select 1;\nalter table nowhere add column x int;"),
    migration("0003", "select 1"),
  ]);
  expect(results.map(({ id, refused }) => [id, refused])).toEqual([
    [
      "0002",
      { message: 'relation "nowhere" does not exist', place: { line: 2, column: 1 }, hint: null, unsure: false },
    ],
  ]);
  expect(shadowFindings(results)).toEqual([
    {
      severity: "error",
      file: "0002.sql",
      line: 2,
      column: 1,
      rule: "refused-by-postgresql",
      message: 'relation "nowhere" does not exist',
    },
  ]);
  expect(await leftHere()).toEqual([]);
});

test("what is no SQL is told with its place, and so is a batch that cannot be", async () => {
  const refusals = async (up: string): Promise<unknown> => {
    const [result] = await shadowCheck(database.url, history, [migration("0002", up)]);
    return result?.refused;
  };
  expect(await refusals("select 1;\n  selct 2")).toMatchObject({ place: { line: 2, column: 3 } });
  expect(await refusals("-- fairway: batch 10 of orders by id\nupdate orders set note = 'b'")).toMatchObject({
    place: { line: 2, column: 1 },
  });
  expect(
    await refusals("-- fairway: batch 10 of orders by id\nupdate orders set nots = 'b' where id between $1 and $2"),
  ).toMatchObject({ message: expect.stringContaining('"nots"') as string });
  expect(
    await refusals("-- fairway: batch 10 of orders by id\nupdate orders set note = 'b' where id between $1 and $2"),
  ).toBeNull();
});

test("rows that migrations themselves make are filled by a batch, and what comes later finds them so", async () => {
  const fill = "-- fairway: batch 10 of orders by id\nupdate orders set filled = 1 where id between $1 and $2";
  const results = await shadowCheck(database.url, history, [
    migration(
      "0002",
      "alter table orders add column filled int; insert into orders (id) select generate_series(3, 12)",
    ),
    migration("0003", fill),
    migration("0004", "alter table orders alter filled set not null"),
  ]);
  expect(results.map(({ id, refused }) => [id, refused])).toEqual([
    ["0002", null],
    ["0003", null],
    ["0004", null],
  ]);
});

test("what runs outside of a transaction is told with its locks where PostgreSQL lets them be seen", async () => {
  const up = "alter table orders add column y int;\ncreate index concurrently later on orders (y)";
  const results = await shadowCheck(database.url, history, [migration("0002", up, false)]);
  expect(results[0]?.statements.map(({ locks, refused }) => ({ locks, refused }))).toEqual([
    { locks: [{ table: "orders", mode: "AccessExclusiveLock" }], refused: null },
    { locks: [], refused: null },
  ]);
  expect(shadowFindings(results)).toMatchObject([
    { severity: "notice", file: "0002.sql", line: 1, rule: "lock", message: expect.stringContaining("readers and") },
  ]);
});

test("a way back is tried, and says so when it does not lead back", async () => {
  const tried = async (up: string, down: string): Promise<unknown> => {
    const [result] = await shadowCheck(database.url, history, [{ ...migration("0002", up), down }]);
    return result?.back;
  };
  const added = "alter table orders add column z int; create index z on orders (z)";
  expect(await tried(added, "alter table orders drop column z")).toEqual({ tested: true });
  expect(await tried("alter table orders drop column note", "alter table orders add column note text")).toMatchObject({
    tested: false,
    why: expect.stringContaining("it does not bring back column orders.note character varying(20)") as string,
  });
  expect(await tried(added, "drop index z")).toMatchObject({
    tested: false,
    why: expect.stringContaining("it leaves column orders.z") as string,
  });
  expect(await tried(added, "drop index nowhere")).toMatchObject({
    tested: false,
    why: 'its way back is refused: line 1: index "nowhere" does not exist',
  });
});

test("a server without room says nothing about a migration", async () => {
  const noRoom = "do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$";
  const check = shadowCheck(database.url, history, [migration("0002", noRoom)]);
  await expect(check).rejects.toMatchObject({ code: "disk_full", retryable: true });
  expect(await leftHere()).toEqual([]);
});

test("a server that is down is told without the password", async () => {
  const check = shadowCheck("postgres://anna:very-secret@127.0.0.1:1/shop", [], []);
  await expect(check).rejects.toMatchObject({ code: "database_unavailable" });
  await expect(check).rejects.not.toThrow("very-secret");
});

test("migrations that do not build on an empty database are told as that", async () => {
  const check = shadowCheck(database.url, [migration("0001", "alter table nowhere add column x int")], []);
  await expect(check).rejects.toMatchObject({ code: "database_unusable" });
});

// The rules say what PostgreSQL does; here PostgreSQL says it.
test("the rules know what locks and rewrites", async () => {
  const statements = [
    "alter table orders add column a text",
    "alter table orders add column a text default 'x'",
    "alter table orders add column a timestamptz default now()",
    "alter table orders add column a uuid default gen_random_uuid()",
    "alter table orders add column a bigserial",
    "alter table orders add column a bigint generated always as identity",
    "alter table orders add column a bigint generated always as (id * 2) stored",
    "alter table orders alter column note type varchar(30)",
    "alter table orders alter column note type varchar(10)",
    "alter table orders alter column note type text",
    "alter table orders alter column total type numeric(10,2)",
    "alter table orders alter column total type numeric",
    "alter table orders alter column total type numeric(10,3)",
    "alter table orders alter column id type int",
    "alter table orders alter column at type timestamptz(3)",
    "alter table orders alter column note set not null",
    "alter table orders drop column note",
    "alter table orders rename column note to remark",
    "alter table orders add constraint c check (total > 0) not valid",
    "alter table orders add constraint u unique (note)",
    "alter table orders add constraint f foreign key (parent) references people (id) not valid",
    "alter table orders set unlogged",
    "create index i on orders (note)",
    "create trigger t before update on orders for each row execute function suppress_redundant_updates_trigger()",
    "truncate orders",
    "update orders set note = 'b'",
    "comment on table orders is 'x'",
  ];
  // A table for each, so that one database does for all.
  const own = (sql: string, index: number): string => sql.replaceAll("orders", `orders_${index}`);
  const table = `create table orders (id bigint primary key, note varchar(20), total numeric(8,2), parent bigint, at timestamptz);
    insert into orders values (1, 'a', 1.5, null, now());`;
  const made = `create table people (id bigint primary key);${statements.map((_, index) => own(table, index)).join("")}`;
  const results = await shadowCheck(
    database.url,
    [migration("0", made)],
    statements.map((sql, index) => migration(String(index + 1), own(sql, index))),
  );
  const known = seenAfter(made);
  const measured = results.map(({ statements: [seen], refused }, index) => ({
    sql: statements[index],
    refused,
    locked: seen?.locks.some(({ table: on, mode }) => on === `orders_${index}` && strong.has(mode)),
    rewritten: seen?.rewritten.includes(`orders_${index}`),
  }));
  const foretold = statements.map((sql, index) => {
    const [change] = changesIn(own(sql, index));
    if (change === undefined) throw new Error(`nothing was read in ${sql}`);
    return {
      sql,
      refused: null,
      locked: lockedBy(change) === `orders_${index}`,
      rewritten: rewrites(change, known),
    };
  });
  expect(measured).toEqual(foretold);
});

const strong = new Set(["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]);

function changesIn(sql: string): readonly SchemaChange[] {
  const reading = readSql(sql);
  return "statements" in reading ? reading.statements.flatMap(({ node }) => changesOf(node)) : [];
}

const seenAfter = (sql: string): Seen => changesIn(sql).reduce(after, seenNothing(unknownSchema, true));

function rewrites(change: SchemaChange, { schema }: Seen): boolean {
  switch (change.do) {
    case "add column":
      return change.column.filling === "computed";
    case "change type":
      return !isFreeTypeChange(schema.types.get(`${change.table}.${change.column}`), change);
    case "rewrite table":
    case "truncate":
      return true;
    default:
      return false;
  }
}
