import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import type { DrillReport, DrillStep } from "@fairway/core";
import { drillVerdict, failedStep, interruptedDrill, interruptedStep } from "@fairway/core";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { backupDatabase } from "../database/backup.ts";
import { manifestText, readManifest } from "../database/backup-manifest.ts";
import { makeRunnable, prepareDirectory } from "../database/database-directory.ts";
import { packagedBinaries } from "../database/binaries.ts";
import type { EmbeddedPostgres } from "../database/embedded-postgres.ts";
import { openEmbeddedPostgres } from "../database/embedded-postgres.ts";
import type { ScratchDirectory } from "../database/test-database.ts";
import { scratchDirectory } from "../database/test-database.ts";
import { askOnce } from "../database/ask-once.ts";
import { checkIntegrity } from "../database/check-integrity.ts";
import { baseBackups } from "./base-backups.ts";
import { bootProgram } from "./boot-program.ts";
import { commandApart } from "../database/isolation.ts";
import type { DrillMigration, DrillParts } from "./drill-parts.ts";
import type { IsolatedServer } from "../database/isolated-server.ts";
import { restoreDrill } from "./restore-drill.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scratch: ScratchDirectory;
let database: EmbeddedPostgres;
const recorded: readonly DrillMigration[] = [
  { database: "shop", id: "0001", checksum: "a1" },
  { database: "shop", id: "0002", checksum: "b2" },
];

beforeAll(async () => {
  scratch = await scratchDirectory();
  database = await openEmbeddedPostgres({ directory: join(scratch.path, "original"), settings: { fsync: "off" } });
  await asked(database.connectionString, [
    "create table migrations (id text primary key, checksum text)",
    "insert into migrations values ('0001', 'a1'), ('0002', 'b2')",
    "create table heartbeat as select clock_timestamp() as at",
    "create table orders as select n as id, repeat('x', 200) as note from generate_series(1, 5000) n",
    "create index on orders (note, id)",
  ]);
  await backupDatabase(database, join(scratch.path, "whole", "20261122T101500000Z"), async () => ({
    sealing: [{ id: "1", keeper: "file-1", wrapped: "" }],
  }));
});

afterAll(async () => {
  await database?.stop();
  await scratch?.remove();
});

async function asked(connectionString: string, statements: readonly string[]): Promise<readonly object[]> {
  const client = new Client(connectionString);
  client.on("error", () => undefined);
  await client.connect();
  try {
    let rows: readonly object[] = [];
    for (const statement of statements) rows = (await client.query<object>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

const shop = `
const { Client } = require(process.env.PG_MODULE);
const url = new URL(process.env.DATABASE_URL);
const client = new Client({ host: url.searchParams.get("host"), user: url.username, port: Number(url.port), database: url.pathname.slice(1) });
client.connect().then(() => client.query("select count(*)::int as count from orders")).then(({ rows }) =>
  require("node:http").createServer((_, answer) => answer.writeHead(rows[0].count === 5000 ? 200 : 500).end()).listen(8080, "127.0.0.1"));
`;

interface Sabotage {
  readonly parts?: Partial<DrillParts>;
  readonly opens?: boolean;
  readonly recorded?: readonly DrillMigration[];
  /** What is done to a copy of the repository. */
  readonly harm?: (backup: string) => Promise<void>;
  readonly program?: string;
  readonly within?: number;
}

let drills = 0;

async function drill({ parts, opens = true, harm, program = shop, ...given }: Sabotage): Promise<DrillReport> {
  const name = `drill-${++drills}`;
  const directory = harm === undefined ? join(scratch.path, "whole") : join(scratch.path, `${name}-repository`);
  if (harm !== undefined) {
    await cp(join(scratch.path, "whole"), directory, { recursive: true });
    await harm(join(directory, "20261122T101500000Z"));
  }
  const place = join(scratch.path, name);
  const before = await readdir(scratch.path);
  const report = await restoreDrill({
    repository: baseBackups({ directory, make: async () => undefined, opens: async () => opens, keep: 7 }),
    place,
    choose: "latest",
    newestWithin: 26 * 3_600_000,
    rpoWithin: 15 * 60_000,
    startWithin: 60_000,
    room: async () => 1e12,
    programs: async () => makeRunnable(await prepareDirectory(join(scratch.path, "original")), packagedBinaries()!),
    load: async () => "",
    heartbeat: async ({ connection }) => {
      const [row] = await askedOf(connection, "select at from heartbeat");
      return (row as { readonly at: Date }).at.toISOString();
    },
    migrations: {
      recorded: async () => given.recorded ?? recorded,
      found: async ({ connection }) =>
        (await askedOf(
          connection,
          "select 'shop' as database, id, checksum from migrations order by id",
        )) as DrillMigration[],
      forward: async () => "nothing is newer",
    },
    boot: (server) =>
      bootProgram(
        {
          command: [process.execPath, "-e", program],
          directory: "/",
          health: "http://127.0.0.1:8080/",
          within: given.within ?? 60_000,
          env: { PG_MODULE: createRequire(import.meta.url).resolve("pg") },
          database: "postgres",
        },
        server,
      ),
    now: Date.now,
    closing: new AbortController().signal,
    keep: async () => undefined,
    ...parts,
  });
  // Whatever happened, nothing of it is left.
  expect(await readdir(scratch.path)).toEqual(before);
  expect(await processesIn(place)).toEqual([]);
  if (harm !== undefined) await rm(directory, { recursive: true });
  return report;
}

const askedOf = (connection: IsolatedServer["connection"], statement: string): Promise<readonly object[]> =>
  askOnce(connection, (ask) => ask(statement));

/** Processes whose words name a directory. */
async function processesIn(place: string): Promise<readonly string[]> {
  const found = await Promise.all(
    (await readdir("/proc"))
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(join("/proc", name, "cmdline"), "utf8").catch(() => "")),
  );
  return found.filter((words) => words.includes(`${place}/`));
}

/** A digest of every file below a folder, with its name. */
async function bytesOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).toSorted((one, other) =>
    join(one.parentPath, one.name) < join(other.parentPath, other.name) ? -1 : 1,
  ))
    if (entry.isFile()) {
      const file = join(entry.parentPath, entry.name);
      hash.update(`${file} `).update(await readFile(file));
    }
  return hash.digest("hex");
}

async function flipInLargest(backup: string): Promise<void> {
  const { files } = await readManifest(backup);
  const [path = ""] = Object.entries(files).toSorted(([, one], [, other]) => other.size - one.size)[0] ?? [];
  const file = join(backup, "cluster", path);
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(9_000) ^ 1, 9_000);
  await writeFile(file, bytes);
}

async function withoutWal(backup: string): Promise<void> {
  const folder = join(backup, "cluster", "pg_wal");
  const [segment = ""] = (await readdir(folder)).filter((name) => /^[0-9A-F]{24}$/.test(name)).toSorted();
  await rm(join(folder, segment));
  // Nobody misses it: the manifest never knew of it either.
  const { [`pg_wal/${segment}`]: _gone, ...files } = (await readManifest(backup)).files;
  await writeFile(join(backup, "manifest.json"), manifestText({ ...(await readManifest(backup)), files }).text);
}

const [first, second] = recorded as [DrillMigration, DrillMigration];
const sabotages: readonly (readonly [name: string, step: DrillStep, says: string, Sabotage])[] = [
  ["a bit flipped in the backup", "restore", "its bytes have changed", { harm: flipInLargest }],
  ["a hole in the log", "continuity", "missing", { harm: withoutWal }],
  ["a key that is not here", "restore", "sealed by file-1", { opens: false }],
  ["a newest backup that is too old", "newest", "may be 26.0 h", { parts: { now: () => Date.now() + 27 * 3_600_000 } }],
  [
    "a migration that is missing",
    "migrations",
    "0003 of shop is missing",
    { recorded: [...recorded, { ...second, id: "0003" }] },
  ],
  ["a migration too many", "migrations", "0002 of shop is there", { recorded: [first] }],
  [
    "a migration that was altered",
    "migrations",
    "0002 of shop is not what",
    { recorded: [first, { ...second, checksum: "c3" }] },
  ],
  [
    "a program that ends",
    "boot",
    "it ended with 3: no such table",
    { program: "console.error('no such table'); process.exit(3)" },
  ],
  [
    "a program that is never well",
    "boot",
    "it was not well within 0.5 s",
    {
      program: "require('node:http').createServer((_, a) => a.writeHead(503).end()).listen(8080, '127.0.0.1')",
      within: 500,
    },
  ],
  ["a disk without room", "place", "1.0 MiB are free", { parts: { room: async () => 1024 ** 2 } }],
];

describe.skipIf(!needs("namespaces", "time"))("a restore drill", () => {
  test("goes through all of its steps, and leaves nothing and the repository as it was", async () => {
    const report = await drill({});
    expect(report.steps.map(({ step, outcome, why }) => (outcome === "passed" ? step : `${step}: ${why}`))).toEqual([
      ...["choose", "newest", "continuity", "place", "restore", "start", "heartbeat", "integrity", "migrations"],
      ...["boot", "facts", "clear"],
    ]);
    expect(drillVerdict(report)).toMatchObject({
      outcome: "passed",
      facts: { backup: "20261122T101500000Z", step: null },
    });
  });

  test("changes no byte of the repository, and nothing that it starts reaches this machine's network", async () => {
    let reached = 0;
    const listener = createServer((socket) => {
      reached += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => void listener.listen(0, "0.0.0.0", resolve));
    const { port } = listener.address() as AddressInfo;
    const hosts = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
    // Well only where none of the addresses of this machine answers.
    const program = `const net = require("node:net");
const tries = ${JSON.stringify(hosts)}.map((host) => new Promise((done) => {
  const socket = net.connect({ host, port: ${port}, timeout: 2000 });
  socket.on("connect", () => done(true)).on("error", () => done(false)).on("timeout", () => done(false));
}));
Promise.all(tries).then((found) => require("node:http")
  .createServer((_, answer) => answer.writeHead(found.includes(true) ? 500 : 200).end()).listen(8080, "127.0.0.1"));`;
    try {
      const before = await bytesOf(join(scratch.path, "whole"));
      expect(drillVerdict(await drill({ program }))).toMatchObject({ outcome: "passed" });
      expect(await bytesOf(join(scratch.path, "whole"))).toBe(before);
      expect([hosts.length > 0, reached]).toEqual([true, 0]);
    } finally {
      await new Promise((resolve) => void listener.close(resolve));
    }
  });

  test.each(sabotages)("is red by %s, in the step %s", async (_name, step, says, sabotage) => {
    const report = await drill(sabotage);
    expect(failedStep(report)).toMatchObject({ step, why: expect.stringContaining(says) as string });
    expect(drillVerdict(report)).toMatchObject({
      outcome: "failed",
      note: expect.stringContaining(`failed at ${step}: `) as string,
      facts: { step },
    });
    expect(report.steps.at(-1)).toMatchObject({ step: "clear", outcome: "passed" });
  });

  test("ends with its daemon in the middle of a step, which has then shown nothing", async () => {
    const ending = new AbortController();
    const report = await drill({
      parts: {
        closing: ending.signal,
        heartbeat: async ({ connection }) => {
          const asked = askedOf(connection, "select pg_sleep(3600)");
          ending.abort();
          await asked;
          return null;
        },
      },
    });
    expect(report.steps.map(({ step }) => step).slice(-2)).toEqual(["start", "clear"]);
    expect(interruptedStep(report)).toBe("heartbeat");
  });

  test("does not call it damage that a table could not be read in time", async () => {
    const holder = new Client(database.connectionString);
    await holder.connect();
    try {
      await holder.query("begin");
      await holder.query("lock table orders in access exclusive mode");
      const found = await checkIntegrity(database.connection, 300);
      expect(found.problems).toEqual([]);
      expect(found.unlooked).toEqual(
        expect.arrayContaining(["postgres, orders", expect.stringContaining("orders_note_id_idx")]),
      );
    } finally {
      await holder.end();
    }
  });

  test("is red by a runner that was killed, in the step that was under way, and its server is gone with it", async () => {
    // A runner that holds a server and is killed: the pipe ends once nobody is left to write into it.
    const { file, args } = commandApart({ kind: "self" }, process.execPath, [
      "-e",
      "setInterval(() => {}, 1000); console.log('up')",
    ]);
    const runner = spawn(
      process.execPath,
      [
        "-e",
        "const [file, ...args] = process.argv.slice(1); require('node:child_process').spawn(file, args, { stdio: ['ignore', 'inherit', 'ignore'] })",
        file,
        ...args,
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    await once(runner.stdout, "data");
    runner.kill("SIGKILL");
    await once(runner.stdout, "close");
    const kept: DrillReport[] = [];
    const killed = new Error("killed");
    await drill({
      parts: {
        boot: async () => {
          throw killed;
        },
        keep: async (now) => void kept.push({ ...now, steps: [...now.steps] }),
      },
    });
    const atBoot = kept.find(({ steps }) => steps.at(-1)?.step === "migrations")!;
    expect(drillVerdict(interruptedDrill(atBoot, new Date().toISOString()))).toMatchObject({
      outcome: "failed",
      note: "failed at boot: whoever ran it was gone before it ended",
    });
  });
});
