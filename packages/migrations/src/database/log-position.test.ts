import { afterAll, beforeAll, expect, test } from "vitest";
import { markPosition } from "./log-position.ts";
import { withSession } from "./session.ts";
import type { TestDatabase } from "./testing/database-for-tests.ts";
import { databaseForTests } from "./testing/database-for-tests.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await databaseForTests();
});
afterAll(() => database.drop());

const limits = { lock: 1_000, statement: 0 };
const long = "fairway_run-41_production_orders_of_the_whole_company_and_its_daughters_r7";
const at = expect.stringMatching(/^[\dA-F]+\/[\dA-F]+$/u) as string;

test("who may make restore points makes one, whose name says at least the run", async () => {
  const mark = await withSession(database.url, limits, (client) => markPosition(client, long));
  expect(mark).toEqual({ at, restorePoint: long.slice(0, 63) });
});

test("who may not is told what it takes, and where the log stood", async () => {
  const role = `fairway_reader_${process.pid}`;
  const mark = await withSession(database.url, limits, async (client) => {
    await client.query(`drop role if exists ${role}; create role ${role}; set role ${role}`);
    const found = await markPosition(client, long);
    await client.query(`reset role; drop role ${role}`);
    return found;
  });
  expect(mark).toEqual({ at, why: expect.stringContaining("grant execute on function pg_create_restore_point") });
});

test("a server's administrator makes one where the role may not", async () => {
  const asked: string[] = [];
  const mark = await withSession(database.url, limits, (client) =>
    markPosition(client, "mine", async (text) => {
      asked.push(text);
      return { at: "0/1" };
    }),
  );
  expect(mark).toEqual({ at: "0/1", restorePoint: "mine" });
  expect(asked).toEqual([expect.stringContaining("pg_create_restore_point")]);
});
