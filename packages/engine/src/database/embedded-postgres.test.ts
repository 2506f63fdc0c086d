import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, Pool } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { DatabaseEvent, EmbeddedPostgres, EmbeddedPostgresOptions } from "./embedded-postgres.ts";
import { openEmbeddedPostgres } from "./embedded-postgres.ts";
import { isPostmasterOf } from "./postmaster-file.ts";
import { runInChild } from "./run-in-child.ts";
import { stopServer } from "./server.ts";
import type { DatabaseSeed, ScratchDirectory } from "./test-database.ts";
import { databaseSeed, scratchDirectory } from "./test-database.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let seedDirectory: ScratchDirectory;
let seed: DatabaseSeed;
beforeAll(async () => {
  seedDirectory = await scratchDirectory();
  seed = await databaseSeed(seedDirectory.path);
});
afterAll(() => seedDirectory.remove());

let scratch: ScratchDirectory;
let opened: EmbeddedPostgres[];
beforeEach(async () => {
  scratch = await scratchDirectory();
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((each) => each.stop()));
  await scratch.remove();
});

/** The default database begins as a copy of the seed; other directories begin empty. */
async function open(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const directory = join(scratch.path, "database");
  if (options.directory === undefined && !existsSync(directory)) await seed.plant(directory);
  const database = await openEmbeddedPostgres({ directory, settings: { fsync: "off" }, ...options });
  opened.push(database);
  return database;
}

async function ask(database: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new Client(database.connectionString);
  await client.connect();
  try {
    return (await client.query<{ answer: unknown }>(sql)).rows[0]?.answer;
  } finally {
    await client.end();
  }
}

function eventOf<K extends DatabaseEvent["kind"]>(
  kind: K,
): {
  readonly onEvent: (event: DatabaseEvent) => void;
  readonly happened: Promise<Extract<DatabaseEvent, { kind: K }>>;
} {
  let onEvent: (event: DatabaseEvent) => void = () => undefined;
  const happened = new Promise<Extract<DatabaseEvent, { kind: K }>>((resolve) => {
    onEvent = (event) => {
      if (event.kind === kind) resolve(event as Extract<DatabaseEvent, { kind: K }>);
    };
  });
  return { onEvent, happened };
}

test("a new database has UTF-8, checksums, durable commits and no address, and keeps its rows over a stop", async () => {
  const directory = join(scratch.path, "new");
  const first = await open({ directory, settings: {} });
  const show = (name: string): Promise<unknown> => ask(first, `select current_setting('${name}') as answer`);
  expect(await show("server_encoding")).toBe("UTF8");
  expect(await show("data_checksums")).toBe("on");
  expect(await show("fsync")).toBe("on");
  expect(await show("listen_addresses")).toBe("");
  expect(first.adopted).toBe(false);
  await ask(first, "create table kept as select 42 as answer");
  await first.stop();
  expect(isPostmasterOf(first.pid, first.cluster)).toBe(false);
  expect(await ask(await open({ directory }), "select answer from kept")).toBe(42);
});

test("settings of the team's own are in local.conf, which cannot open the database to the network", async () => {
  const first = await open();
  await first.stop();
  await writeFile(join(first.cluster, "local.conf"), "work_mem = '7MB'\nlisten_addresses = '*'\n");
  const second = await open();
  expect(await ask(second, "select current_setting('work_mem') as answer")).toBe("7MB");
  expect(await ask(second, "select current_setting('listen_addresses') as answer")).toBe("");
});

test("a server killed under use is started again, its owner is told, and the pool goes on", async () => {
  const down = eventOf("down");
  const up = eventOf("up");
  const database = await open({ onEvent: (event) => [down, up].forEach((each) => each.onEvent(event)) });
  const pool = new Pool({ ...database.connection, max: 4 });
  pool.on("error", () => undefined);
  await pool.query("create table acknowledged (id int)");
  await pool.query("insert into acknowledged select generate_series(1, 500)");
  const before = database.pid;
  process.kill(before, "SIGKILL");
  await down.happened;
  const { pid } = await up.happened;
  expect(pid).toBe(database.pid);
  expect(pid).not.toBe(before);
  expect((await pool.query("select count(*)::int as n from acknowledged")).rows).toEqual([{ n: 500 }]);
  await pool.end();
});

test("a server that outlived its killed daemon is adopted by the next one", async () => {
  await seed.plant(join(scratch.path, "database"));
  const { child, line } = await runInChild(
    new URL("./embedded-postgres.ts", import.meta.url),
    `const { pid } = await ours.openEmbeddedPostgres({ directory: ${JSON.stringify(join(scratch.path, "database"))}, settings: { fsync: "off" } });
     console.log(pid); setInterval(() => {}, 1e6);`,
  );
  child.kill("SIGKILL");
  await once(child, "exit");
  const database = await open();
  expect(database.adopted).toBe(true);
  expect(database.pid).toBe(Number(line));
  expect(await ask(database, "select 1 as answer")).toBe(1);
});

test("a second daemon on the same directory is refused by name, and the first is not disturbed", async () => {
  const database = await open();
  await expect(open()).rejects.toMatchObject({
    code: "daemon_running",
    message: expect.stringContaining(`process ${process.pid}`) as string,
  });
  expect(await ask(database, "select 1 as answer")).toBe(1);
});

test("of two daemons that make the database at the same time one gets it and the other is refused", async () => {
  const directory = join(scratch.path, "new");
  const results = await Promise.allSettled([open({ directory }), open({ directory })]);
  const refused = results.filter((each) => each.status === "rejected");
  expect(refused).toHaveLength(1);
  expect(refused[0]?.reason).toMatchObject({ code: "daemon_running" });
});

test("a daemon that lets go leaves the server to the next one", async () => {
  const first = await open();
  await first.leave();
  const second = await open();
  expect(second).toMatchObject({ adopted: true, pid: first.pid });
});

test("a pid file left by a power cut, whose pid now is another process, does not stop the start", async () => {
  const first = await open();
  await ask(first, "create table kept as select 42 as answer");
  const pidFile = join(first.cluster, "postmaster.pid");
  const left = (await readFile(pidFile, "utf8")).replace(String(first.pid), String(process.pid));
  await first.stop();
  await writeFile(pidFile, left);
  await writeFile(join(first.connection.host, ".s.PGSQL.5432.lock"), left);
  expect(await ask(await open(), "select answer from kept")).toBe(42);
});

test("a server whose socket was cleaned away is started anew", async () => {
  const first = await open();
  await first.leave();
  await rm(first.connection.host, { recursive: true });
  const second = await open();
  expect(second.adopted).toBe(false);
  expect(second.pid).not.toBe(first.pid);
});

test("a directory too long for a socket's path gets its socket elsewhere, the same at each start", async () => {
  const directory = join(scratch.path, "x".repeat(100));
  const first = await open({ directory });
  expect(first.connection.host.length).toBeLessThan(80);
  await first.stop();
  await rm(first.connection.host, { recursive: true });
  const second = await open({ directory });
  expect(second.connection.host).toBe(first.connection.host);
  await second.stop();
  await rm(second.connection.host, { recursive: true });
});

test("what a killed opener left half made is removed, with the server that runs in it", async () => {
  const first = await open();
  await first.leave();
  const abandoned = `${first.cluster}.unfinished-999999999-0a`;
  await rename(first.cluster, abandoned);
  const second = await open();
  expect(second.adopted).toBe(false);
  expect(isPostmasterOf(first.pid, abandoned)).toBe(false);
  expect(existsSync(abandoned)).toBe(false);
});

test("a server that cannot start says so with its own last words, and leaves no process", async () => {
  const first = await open();
  await first.stop();
  await writeFile(join(first.cluster, "local.conf"), "shared_buffers = 'plenty'\n");
  await expect(open()).rejects.toMatchObject({
    code: "database_unusable",
    message: expect.stringContaining("plenty") as string,
  });
});

test("a server that never gets ready is given up at the deadline", async () => {
  const first = await open();
  await first.stop();
  await expect(open({ startWithin: 0 })).rejects.toMatchObject({ code: "deadline_passed" });
});

test("a server that hangs is not waited for longer than the deadline", async () => {
  const first = await open();
  await first.leave();
  process.kill(first.pid, "SIGSTOP");
  try {
    await expect(open({ startWithin: 300 })).rejects.toMatchObject({
      code: "database_unavailable",
      hint: expect.stringContaining(String(first.pid)) as string,
    });
  } finally {
    process.kill(first.pid, "SIGCONT");
    await stopServer(first.cluster, first.pid, { fast: 5_000, immediate: 5_000 });
  }
});
