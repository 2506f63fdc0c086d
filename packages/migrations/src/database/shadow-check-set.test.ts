import type { MigrationSet, ReleaseMigration } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSqlParser } from "../reading/read-sql.ts";
import { shadowCheckSet } from "./shadow-check-set.ts";
import type { TestDatabase } from "./testing/database-for-tests.ts";
import { databaseForTests } from "./testing/database-for-tests.ts";

let database: TestDatabase;

beforeAll(async () => {
  await loadSqlParser();
  database = await databaseForTests();
});
afterAll(() => database.drop());

const one = (id: string, up: string, down: string | null = null): ReleaseMigration => ({
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${id}`,
  class: "expand",
  reasons: [],
  reversible: down !== null,
  up,
  transaction: true,
  batches: false,
  locks: [],
  unusedSince: null,
  back: down === null ? null : { sql: down, class: "contract", tested: false },
});

const setOf = (...migrations: readonly ReleaseMigration[]): MigrationSet => ({
  version: 1,
  tool: "sql",
  folder: "db",
  migrations,
});

const orders = one("0001", "create table orders (id bigint primary key)", "drop table orders");
const note = one("0002", "alter table orders add column note text", "alter table orders drop column note");

test("the first release is tried from nothing, with its ways back", async () => {
  const { set, findings, refused } = await shadowCheckSet(database.url, setOf(orders, note), null);
  expect(refused).toBe(false);
  expect(set.migrations.map(({ back }) => back?.tested)).toEqual([true, true]);
  expect(findings).toMatchObject([{ severity: "notice", file: "db/0002.sql", line: 1, rule: "lock" }]);
});

test("a later one is tried on the schema of the one before, of which nothing is said again", async () => {
  const first = await shadowCheckSet(database.url, setOf(orders), null);
  const wrong = one("0002", "alter table orders add column note text", "alter table orders add column other int");
  const { set, results, findings } = await shadowCheckSet(database.url, setOf(orders, wrong), first.set);
  expect(results.map(({ id }) => id)).toEqual(["0002"]);
  expect(set.migrations.map(({ back }) => back?.tested)).toEqual([true, false]);
  expect(findings.map(({ rule }) => rule)).toEqual(["lock", "way-back-does-not-lead-back"]);
});

test("what PostgreSQL refuses is an error with its place, and what was changed since a warning", async () => {
  const before = await shadowCheckSet(database.url, setOf(orders), null);
  const changed = { ...orders, checksum: "sha256:other" as const };
  const { findings, refused } = await shadowCheckSet(
    database.url,
    setOf(changed, one("0002", "select 1;\n  alter table order add column note text")),
    before.set,
  );
  expect(refused).toBe(true);
  expect(findings).toMatchObject([
    { severity: "warning", file: "db/0001.sql", rule: "edited-migration" },
    { severity: "error", file: "db/0002.sql", line: 2, column: 15, message: 'syntax error at or near "order"' },
  ]);
});

test("of Alembic's, whose files are programs, the line is that of the SQL", async () => {
  const set: MigrationSet = {
    ...setOf({ ...orders, up: "create table orders (id int);\ncreate table orders ()" }),
    tool: "alembic",
  };
  const { findings } = await shadowCheckSet(database.url, set, null);
  expect(findings).toMatchObject([
    { file: "db/0001.sql", line: null, message: 'relation "orders" already exists (line 2 of its SQL)' },
  ]);
});

test("what the shadow server lacks is no fault of the migration, and neither are tables of before the first", async () => {
  const extended = setOf(orders, one("0002", "create extension no_such_extension"));
  const unsure = await shadowCheckSet(database.url, extended, null);
  expect(unsure.refused).toBe(false);
  expect(unsure.findings).toMatchObject([{ severity: "warning", file: "db/0002.sql", line: 1, rule: "not-tried" }]);
  const late = setOf(note, one("0003", "alter table orders add column total int"));
  const untried = await shadowCheckSet(database.url, late, setOf(note));
  expect(untried).toMatchObject({
    refused: false,
    results: [],
    findings: [{ rule: "not-tried", file: "db/0003.sql" }],
  });
});
