import { Client } from "pg";
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

test("who may make restore points makes one, whose name says at least the run", async () => {
  const said = await withSession(database.url, limits, (client) => markPosition(client, long));
  expect(said).toMatch(/^restore point fairway_run-41_production_orders_[\w-]+ at [\dA-F]+\/[\dA-F]+$/u);
});

test("who may not is told in one sentence what it takes, and where the log stood", async () => {
  await withSession(database.url, limits, async (client) => {
    const role = `mig_${process.pid}_reader`;
    await client.query(`drop role if exists ${role}; create role ${role}; set role ${role}`);
    const said = await markPosition(client, long);
    expect(said).toMatch(
      /^the database's log stood at [\dA-F]+\/[\dA-F]+ on 20.*; its role makes no restore points, /u,
    );
    expect(said).toContain("grant execute on function pg_create_restore_point");
    await client.query(`reset role; drop role ${role}`);
  });
});

test("a server's administrator makes one where the role may not", async () => {
  const administrator = new Client({ connectionString: database.url });
  await administrator.connect();
  const said = await withSession(database.url, limits, (client) =>
    markPosition(client, "mine", async (text, values) => (await administrator.query(text, [...values])).rows[0]),
  );
  expect(said).toMatch(/^restore point mine at /u);
  await administrator.end();
});
