import { appendFile, cp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { backupDatabase } from "./backup.ts";
import { readManifest } from "./backup-manifest.ts";
import type { EmbeddedPostgres } from "./embedded-postgres.ts";
import { openEmbeddedPostgres } from "./embedded-postgres.ts";
import { restoreDatabase } from "./restore.ts";
import type { ScratchDirectory } from "./test-database.ts";
import { scratchDirectory } from "./test-database.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let scratch: ScratchDirectory;
let database: EmbeddedPostgres;
let backup: string;
let acknowledgedBefore: number;

beforeAll(async () => {
  scratch = await scratchDirectory();
  database = await open("original");
  backup = join(scratch.path, "backup");
  const pool = new Pool({ ...database.connection, max: 3 });
  await pool.query("create table events (id int primary key, note text)");
  await pool.query("create table dropped as select generate_series(1, 1000)");
  // Writers go on through the whole backup; each row's number is known only once it is acknowledged.
  let [next, acknowledged, writing] = [0, 0, true];
  async function write(): Promise<void> {
    while (writing) {
      const id = ++next;
      await pool.query("insert into events values ($1, repeat('x', 500))", [id]);
      acknowledged = Math.max(acknowledged, id);
    }
  }
  const writers = [write(), write()];
  await pool.query("checkpoint");
  acknowledgedBefore = acknowledged;
  const making = backupDatabase(database, backup);
  await pool.query("drop table dropped");
  await making;
  writing = false;
  await Promise.all(writers);
  await pool.end();
});

afterAll(async () => {
  await database.stop();
  await scratch.remove();
});

const open = (name: string): Promise<EmbeddedPostgres> =>
  openEmbeddedPostgres({ directory: join(scratch.path, name), settings: { fsync: "off" } });

async function ask<Row extends object>(of: EmbeddedPostgres, sql: string): Promise<readonly Row[]> {
  const client = new Client(of.connectionString);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function copyOfBackup(name: string): Promise<string> {
  await cp(backup, join(scratch.path, name), { recursive: true });
  return join(scratch.path, name);
}

test("a backup made under writes restores to one consistent moment that has all rows committed before it began", async () => {
  const { keptAs } = await restoreDatabase(backup, join(scratch.path, "elsewhere"));
  expect(keptAs).toBeUndefined();
  const restored = await open("elsewhere");
  const [row = { count: 0, highest: 0 }] = await ask<{ count: number; highest: number }>(
    restored,
    "select count(*)::int as count, max(id) as highest from events",
  );
  expect(row.highest).toBeGreaterThanOrEqual(acknowledgedBefore);
  // Two writers: at most one number is still on its way when the other's is committed.
  expect(row.count).toBeGreaterThanOrEqual(row.highest - 1);
  expect(await ask(restored, "select 1 from events where note <> repeat('x', 500)")).toEqual([]);
  await restored.stop();
});

test("the manifest names every file of the backup and nothing else is there", async () => {
  const manifest = await readManifest(backup);
  const files = (await readdir(join(backup, "cluster"), { recursive: true, withFileTypes: true })).filter((each) =>
    each.isFile(),
  );
  expect(files).toHaveLength(Object.keys(manifest.files).length);
  expect(manifest.postgres).toEqual({ version: database.version, major: database.major });
});

test("a flipped bit, a missing file, a longer file and a changed manifest are each named", async () => {
  const whole = await readManifest(backup);
  const [path] = Object.entries(whole.files).find(([, { size }]) => size > 8_192)!;
  const damages: readonly [name: string, named: string, (copy: string) => Promise<void>][] = [
    [
      "flipped",
      path,
      async (copy) => {
        const bytes = await readFile(join(copy, "cluster", path));
        bytes.writeUInt8(bytes.readUInt8(5_000) ^ 1, 5_000);
        await writeFile(join(copy, "cluster", path), bytes);
      },
    ],
    ["missing", path, (copy) => rm(join(copy, "cluster", path))],
    ["longer", path, (copy) => appendFile(join(copy, "cluster", path), "x")],
    [
      "changed",
      "manifest.json",
      async (copy) => {
        const text = await readFile(join(copy, "manifest.json"), "utf8");
        await writeFile(join(copy, "manifest.json"), text.replace('"size": 8192', '"size": 8193'));
      },
    ],
  ];
  for (const [name, named, damage] of damages) {
    const copy = await copyOfBackup(name);
    await damage(copy);
    await expect(restoreDatabase(copy, join(scratch.path, "never"))).rejects.toMatchObject({
      code: "backup_damaged",
      message: expect.stringContaining(named) as string,
    });
    await rm(copy, { recursive: true });
  }
  expect(await readdir(join(scratch.path, "never"))).toEqual([]);
});

test("a restore is refused while a daemon holds the database", async () => {
  await expect(restoreDatabase(backup, database.directory)).rejects.toMatchObject({ code: "daemon_running" });
  expect(await ask(database, "select 1 as answer")).toEqual([{ answer: 1 }]);
});

test("a restore that fails leaves the database that was there; one that succeeds keeps it beside", async () => {
  const before = await open("present");
  await ask(before, "create table present as select 42 as answer");
  await before.stop();
  const copy = await copyOfBackup("unstartable");
  // Whole by its manifest, yet no server can start on it.
  const manifest = await readManifest(copy);
  await rm(join(copy, "cluster", "global/pg_control"));
  const { "global/pg_control": _control, ...files } = manifest.files;
  const { manifestText } = await import("./backup-manifest.ts");
  await writeFile(join(copy, "manifest.json"), manifestText({ ...manifest, files }).text);
  await expect(restoreDatabase(copy, before.directory)).rejects.toMatchObject({
    code: "database_unusable",
    message: expect.stringContaining("pg_control") as string,
  });
  const still = await open("present");
  expect(await ask(still, "select answer from present")).toEqual([{ answer: 42 }]);
  await still.leave();

  const { keptAs } = await restoreDatabase(backup, before.directory);
  expect((await readFile(join(keptAs!, "PG_VERSION"), "utf8")).trim()).toBe(String(database.major));
  const after = await open("present");
  expect(await ask(after, "select to_regclass('present') as present, to_regclass('events')::text as events")).toEqual([
    { present: null, events: "events" },
  ]);
  await after.stop();
});

test("a backup to where nothing can be made is refused, and does not try for ever", async () => {
  await expect(backupDatabase(database, "/proc/fairway/backup")).rejects.toMatchObject({
    message: expect.stringContaining("/proc/fairway/backup"),
  });
});

test("a backup never replaces what is there, and leaves nothing when it fails", async () => {
  await expect(backupDatabase(database, backup)).rejects.toMatchObject({ code: "bad_request" });
  await expect(
    backupDatabase({ ...database, connection: { ...database.connection, port: 1 } }, join(scratch.path, "none")),
  ).rejects.toMatchObject({ code: "database_unavailable" });
  expect((await readdir(scratch.path)).filter((name) => name.startsWith("none"))).toEqual([]);
});
