import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { isAlive, readPostmasterFile } from "./postmaster-file.ts";
import { runInChild } from "./run-in-child.ts";
import type { DatabaseTemplate, FreshDatabase } from "./test-database.ts";
import { freshDatabase } from "./test-database.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let plain: FreshDatabase;
beforeAll(async () => {
  plain = await freshDatabase();
});
afterAll(() => plain.drop());

test("a test gets a database of its own on the server that the run shares", async () => {
  expect(plain.connection.host).toBe(new URL(inject("testDatabase")).searchParams.get("host"));
  expect(await ask(plain.connectionString, "select current_database()::text as answer")).toBe(plain.name);
});

test("a template is prepared once, also when many ask for it at the same time, and its copies do not share rows", async () => {
  let prepared = 0;
  const template: DatabaseTemplate = {
    name: `counted_${process.pid}`,
    async prepare(connectionString) {
      prepared += 1;
      await ask(connectionString, "create table things (name text)");
    },
  };
  const databases = await Promise.all([1, 2, 3].map(() => freshDatabase(template)));
  expect(prepared).toBe(1);
  const [one, other] = databases as [FreshDatabase, FreshDatabase, FreshDatabase];
  await ask(one.connectionString, "insert into things values ('only here')");
  expect(await ask(other.connectionString, "select count(*)::int as answer from things")).toBe(0);
  await Promise.all(databases.map((each) => each.drop()));
});

test("the shared server is gone when the process that started it was killed", async () => {
  const { child, line } = await runInChild(
    new URL("./test-database.ts", import.meta.url),
    "console.log((await ours.sharedTestServer()).connectionString); setInterval(() => {}, 1e6);",
  );
  const directory = dirname(new URL(line).searchParams.get("host") ?? "");
  const { pid } = readPostmasterFile(`${directory}/postgres`)!;
  expect(isAlive(pid)).toBe(true);
  child.kill("SIGKILL");
  await expect.poll(() => isAlive(pid) || existsSync(directory), { timeout: 10_000 }).toBe(false);
});

async function ask(connectionString: string, sql: string): Promise<unknown> {
  const client = new Client(connectionString);
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(sql)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}
