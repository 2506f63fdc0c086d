import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client } from "pg";
import { loadSqlParser } from "../reading/read-sql.ts";
import type { ApplyEnd } from "./apply-end.ts";
import type { RunnableMigration } from "./apply-migration.ts";
import { applyMigration } from "./apply-migration.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { ensureRecordTable, recordedMigrations, resolveMigration } from "./record-table.ts";
import { placeOf, withSession } from "./session.ts";
import type { TestDatabase } from "./testing/database-for-tests.ts";
import { databaseForTests } from "./testing/database-for-tests.ts";

let database: TestDatabase;

beforeAll(loadSqlParser);
beforeEach(async () => {
  database = await databaseForTests();
});
afterEach(() => database.drop());

const limits = { lock: 50, statement: 0 };

const migration = (up: string, more: Partial<RunnableMigration> = {}): RunnableMigration => ({
  id: "0001",
  title: "it",
  file: "db/0001.sql",
  checksum: "sha256:1",
  class: "expand",
  reasons: [],
  reversible: false,
  up,
  transaction: true,
  ...more,
});

const apply = (
  of: RunnableMigration,
  fence = 1,
  tell: (message: string) => void = () => undefined,
): Promise<ApplyEnd> =>
  withSession(database.url, limits, (client) => applyMigration(client, of, { by: "anna", fence }, tell));

const records = (): ReturnType<typeof recordedMigrations> =>
  withSession(database.url, limits, (client) => recordedMigrations(client));

describe("a migration in a transaction", () => {
  test("is there with its record", async () => {
    expect(await apply(migration("create table t (id int); insert into t values (1)"))).toEqual({
      outcome: "applied",
      tries: 1,
    });
    expect(await database.run("select id from t")).toEqual([{ id: 1 }]);
    expect(await records()).toMatchObject([{ id: "0001", checksum: "sha256:1", state: "applied" }]);
  });

  test("that fails leaves nothing, neither of itself nor on record, and says where", async () => {
    expect(await apply(migration("create table t (id int);\n  insert into u values (1)"))).toMatchObject({
      outcome: "failed",
      left: "nothing",
      message: 'relation "u" does not exist',
      place: { line: 2, column: 15 },
    });
    const second = "select 1; select 2;\n  select 'ä',\n    nothing;";
    expect(await apply(migration(second))).toMatchObject({ place: { line: 3, column: 5 } });
    // What only the rows show has no place in PostgreSQL's words.
    const doubled = "create table t (id int primary key);\n\n insert into t values (1);\n\n insert into t values (1)";
    expect(await apply(migration(doubled))).toMatchObject({ left: "nothing", place: { line: 5, column: 2 } });
    expect(await database.run("select to_regclass('t') as t")).toEqual([{ t: null }]);
    expect(await records()).toEqual([]);
  });

  test("is refused when it would end the transaction itself, or is no SQL", async () => {
    expect(await apply(migration("create table t (id int);\ncommit"))).toMatchObject({
      outcome: "failed",
      left: "nothing",
      place: { line: 2, column: 1 },
    });
    expect(await apply(migration("creat table"))).toMatchObject({ outcome: "failed", left: "nothing" });
    expect(await database.run("select to_regclass('t') as t")).toEqual([{ t: null }]);
  });

  test("that is refused at its very end leaves nothing either", async () => {
    await database.run("create table people (id int primary key)");
    const deferred =
      "create table t (person int references people deferrable initially deferred);\ninsert into t values (7)";
    expect(await apply(migration(deferred))).toMatchObject({
      outcome: "failed",
      left: "nothing",
      message: expect.stringContaining("violates foreign key constraint") as string,
    });
    expect(await database.run("select to_regclass('t') as t")).toEqual([{ t: null }]);
    expect(await records()).toEqual([]);
  });

  test("that finds the disk full leaves nothing, and goes through once there is room", async () => {
    await database.run(`create table room (is_there boolean); create function take_room() returns void language plpgsql as $$
      begin
        if not exists (select from room) then
          raise exception 'could not extend file' using errcode = '53100', hint = 'Check free disk space.';
        end if;
      end $$`);
    const grows = migration("create table t (id int);\nselect take_room()");
    expect(await apply(grows)).toMatchObject({
      outcome: "failed",
      left: "nothing",
      place: { line: 2, column: 1 },
      message: "could not extend file",
      hint: "Check free disk space.",
    });
    expect(await database.run("select to_regclass('t') as t")).toEqual([{ t: null }]);
    expect(await records()).toEqual([]);
    await database.run("insert into room values (true)");
    expect(await apply(grows)).toEqual({ outcome: "applied", tries: 1 });
  });

  test("waits for a lock in small bites, and goes on once it is free", async () => {
    await database.run("create table t (id int)");
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    await holder.query("begin; lock table t in access exclusive mode");
    const told: string[] = [];
    const ended = apply(migration("alter table t add column note text"), 1, (message) => {
      told.push(message);
      if (told.length === 2) void holder.query("commit");
    });
    const answer = await ended;
    await holder.end();
    expect(answer).toMatchObject({ outcome: "applied" });
    expect(told[0]).toBe("another session holds a lock that 0001 needs; try 2 of 6");
  });
});

describe("a migration outside of a transaction", () => {
  const outside = (up: string): RunnableMigration => migration(up, { transaction: false });

  test("runs what PostgreSQL refuses in one", async () => {
    await database.run("create table t (id int)");
    expect(await apply(outside("create index concurrently i on t (id); analyze t"))).toMatchObject({
      outcome: "applied",
    });
    expect(await records()).toMatchObject([{ state: "applied" }]);
  });

  test("that fails half-way stays on record as that, until a person says what is so", async () => {
    expect(await apply(outside("create table t (id int);\ncreate index concurrently i on u (id)"))).toMatchObject({
      outcome: "failed",
      left: "half",
      message: 'statement 2 of 2, line 2: relation "u" does not exist',
    });
    expect(await records()).toMatchObject([
      { state: "failed", trouble: 'statement 2 of 2, line 2: relation "u" does not exist' },
    ]);
    const resolve = (as: "applied" | "pending"): Promise<boolean> =>
      withSession(database.url, limits, (client) => resolveMigration(client, "0001", as, "anna"));
    expect(await resolve("applied")).toBe(true);
    expect(await records()).toMatchObject([{ state: "applied" }]);
    expect(await resolve("pending")).toBe(false);
  });

  test("whose session is killed is on record as begun", async () => {
    const killed = apply(outside("select pg_terminate_backend(pg_backend_pid())"));
    await expect(killed).rejects.toMatchObject({ code: "database_unavailable", retryable: true });
    expect(await records()).toMatchObject([{ state: "running" }]);
  });
});

test("who was overtaken by a newer holder of the environment changes nothing", async () => {
  await apply(migration("create table t (id int)"), 7);
  await expect(apply(migration("create table u (id int)", { id: "0002" }), 6)).rejects.toMatchObject({
    code: "fenced",
  });
  expect(await database.run("select to_regclass('u') as u")).toEqual([{ u: null }]);
});

describe("the lock of a database", () => {
  test("keeps a second one out, and says who has it", async () => {
    await withSession(database.url, limits, async (first) => {
      await withMigrationLock(first, 1000, async () => {
        const second = withSession(database.url, limits, (client) => withMigrationLock(client, 0, async () => "in"));
        await expect(second).rejects.toMatchObject({
          code: "locked",
          message: expect.stringContaining("fairway-migrations (process ") as string,
        });
      });
      expect(await withSession(database.url, limits, (client) => withMigrationLock(client, 0, async () => "in"))).toBe(
        "in",
      );
    });
  });

  test("lets the next in when the connection of the first breaks", async () => {
    const first = new Client({ connectionString: database.url });
    first.on("error", () => undefined);
    await first.connect();
    const { rows } = await first.query<{ pid: number }>("select pg_backend_pid() as pid");
    await withMigrationLock(first, 0, async () => {
      await database.run(`select pg_terminate_backend(${rows[0]?.pid ?? 0})`);
    });
    expect(await withSession(database.url, limits, (client) => withMigrationLock(client, 5000, async () => "in"))).toBe(
      "in",
    );
    await first.end();
  });
});

test("two who apply the same at the same time apply it once", async () => {
  const once = migration("create table t (id int)");
  const both = await Promise.allSettled(
    [1, 2].map(() =>
      withSession(database.url, limits, (client) =>
        withMigrationLock(client, 10_000, async () => {
          await ensureRecordTable(client);
          const there = (await recordedMigrations(client)).length > 0;
          return there ? "there" : (await applyMigration(client, once, { by: "a", fence: 1 }, () => undefined)).outcome;
        }),
      ),
    ),
  );
  expect(both.map((one) => (one.status === "fulfilled" ? one.value : String(one.reason))).toSorted()).toEqual([
    "applied",
    "there",
  ]);
});

test("a database that is not there is told without the password", async () => {
  const url = "postgres://anna:very-secret@127.0.0.1:1/shop";
  const refused = withSession(url, limits, async () => undefined);
  await expect(refused).rejects.toMatchObject({ code: "database_unavailable", retryable: true });
  await expect(refused).rejects.toThrow("127.0.0.1:1/shop");
  await expect(refused).rejects.not.toThrow("very-secret");
  expect(placeOf("no url: very-secret")).toBe("the connection string");
});
