import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";

let place: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "fairway-story-"));
  await mkdir(join(place, "db"));
  await writeFile(join(place, "db/0001_orders.sql"), "create table orders (id bigint primary key, note text);\n");
});

afterAll(() => rm(place, { recursive: true, force: true }));

const lint = (...words: readonly string[]): ReturnType<typeof commandLine> =>
  commandLine(place, join(place, "data"), "migrations", "lint", ...words);

test("a migration that hurts nobody passes", async () => {
  const { code, out } = await lint("db");
  expect([code, out]).toEqual([0, "1 migration (sql), 0 errors, 0 warnings\n"]);
});

test("one that does is told with its place, what it does and what to do instead", async () => {
  await writeFile(
    join(place, "db/0002_index.sql"),
    "set lock_timeout = '5s';\ncreate index orders_note on orders (note);\n",
  );
  const { code, out } = await lint("db");
  expect(code).toBe(1);
  expect(out).toContain("db/0002_index.sql");
  expect(out).toContain("2:1  error: no row of orders can be written while this index is built");
  expect(out).toContain("CREATE INDEX CONCURRENTLY");
  const told = JSON.parse((await lint("db", "--json")).out) as {
    readonly migrations: readonly { readonly findings: readonly { readonly rule: string }[] }[];
  };
  expect(told.migrations[1]?.findings.map(({ rule }) => rule)).toEqual(["index-not-concurrent"]);
});

test("what cannot be read is told with its place, and a folder without migrations is", async () => {
  await writeFile(join(place, "db/0002_index.sql"), "select 1;\nselct 2;\n");
  const { code, out } = await lint("db");
  expect(code).toBe(1);
  expect(out).toContain('2:1  syntax error at or near "selct"');
  await mkdir(join(place, "empty"));
  expect((await lint("empty")).out).toContain("there is no migration in this folder");
  expect((await lint("nowhere")).err).toContain("is no folder of migrations");
});

test("a folder is read as that of the tool that is named, whatever it looks like", async () => {
  await mkdir(join(place, "named"));
  await writeFile(join(place, "named/V1__orders.sql"), "create table orders (id bigint primary key);\n");
  expect((await lint("named")).out).toContain("1 migration (flyway)");
  expect((await lint("named", "--tool", "sql")).out).toContain("its name does not say when its turn is");
  expect((await lint("named", "--tool", "rails")).err).toContain("known are sql, prisma, drizzle, flyway, alembic");
});

test("two heads are told with their line, and what Prisma would write next before it is written", async () => {
  const revision = (id: string, after: string): Promise<void> =>
    writeFile(join(place, "versions", `${id}.py`), `"""${id}"""\nrevision = "${id}"\ndown_revision = ${after}\n`);
  await mkdir(join(place, "versions"));
  await Promise.all([revision("a", "None"), revision("b", '"a"'), revision("c", '"a"')]);
  expect((await lint("versions")).out).toContain("c.py:3: there are 2 heads: b (b.py), c (c.py)");
  await mkdir(join(place, "prisma/20260101000000_orders"), { recursive: true });
  await writeFile(join(place, "prisma/20260101000000_orders/migration.sql"), "create table orders (id bigint);\n");
  await writeFile(join(place, "diff.sql"), "drop table orders;\n");
  const { out } = await lint("prisma", "--sql", "diff.sql");
  expect(out).toContain("prisma/99999999999999_not_written_yet/migration.sql  irreversible");
});

test("PostgreSQL itself says what migrations do, on a database that is gone afterwards", async () => {
  await mkdir(join(place, "tried"));
  const write = (name: string, sql: string): Promise<void> => writeFile(join(place, "tried", name), sql);
  await write("0001_orders.up.sql", "create table orders (id bigint primary key);\n");
  await write("0001_orders.down.sql", "drop table orders;\n");
  await write("0002_note.sql", "alter table orders add column note text;\n");
  await write("0003_total.sql", "select 1;\nalter table order_lines add column total int;\n");
  const check = (...words: readonly string[]): ReturnType<typeof commandLine> =>
    commandLine(place, join(place, "data"), "migrations", "check", "tried", ...words);
  const { code, out } = await check();
  expect(code).toBe(1);
  expect(out).toMatch(/0001_orders\.up\.sql {2}\d+ ms, and back/u);
  expect(out).toContain("tried/0002_note.sql:1:1  AccessExclusiveLock on orders, which keeps readers and writers out");
  expect(out).toContain('tried/0003_total.sql:2:1  relation "order_lines" does not exist');
  await rm(join(place, "tried/0003_total.sql"));
  const later = await check("--since", "0001_orders", "--json");
  expect(later.code).toBe(0);
  expect(JSON.parse(later.out)).toMatchObject({ ok: true, migrations: [{ id: "0002_note", refused: null }] });
});
