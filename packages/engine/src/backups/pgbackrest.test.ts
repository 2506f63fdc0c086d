import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { cronClock } from "@fairway/config";
import { backupRepositorySuite } from "@fairway/conformance";
import type { DrillReport, DrillStep, PlannedPgBackRest } from "@fairway/core";
import { drillVerdict, failedStep, interruptedDrill } from "@fairway/core";
import { ensureRecordTable, withSession } from "@fairway/migrations";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { askOnce } from "../database/ask-once.ts";
import { ours } from "../database/cluster.ts";
import { segmentsOf } from "./archived-log.ts";
import { bootProgram } from "./boot-program.ts";
import { clusterDrill } from "./cluster-drill.ts";
import { probeDeletion } from "./delete-probe.ts";
import type { DrillMigration, DrillParts } from "./drill-parts.ts";
import type { OpenedBackup } from "./open-planned.ts";
import { openPlanned } from "./open-planned.ts";
import { pgBackRestBackups } from "./pgbackrest-backups.ts";
import { restoreDrill } from "./restore-drill.ts";
import { askServer, serverAlerts } from "./server-monitor.ts";
import type { ArchivingServer } from "./testing/archiving-server.ts";
import { archivingServer } from "./testing/archiving-server.ts";

// Real servers and programs on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const canRun = needs("postgresql", "pgbackrest", "namespaces");
/** Each of the conformance suite's repositories is a backup of a whole server, each sabotage a restore: minutes. */
const isLong = canRun && needs("time");
const closing = new AbortController().signal;
const key = "passphrase";
const limits = { lock: 10_000, statement: 60_000 };

let server: ArchivingServer;

const repositoryOf = (config: string, cipher = key): ReturnType<typeof pgBackRestBackups> =>
  pgBackRestBackups({
    ...{ config, stanza: "shop", repository: 1, closing },
    key: async () => cipher,
    fullIsDue: () => false,
  });

beforeAll(async () => {
  if (!canRun) return;
  server = await archivingServer(key);
  await server.asked("create table orders as select n as id, repeat('x', 200) as note from generate_series(1, 5000) n");
  await server.asked("create index on orders (note, id)");
  await server.asked("create table heartbeat as select clock_timestamp() as at");
  await withSession(server.url, limits, ensureRecordTable);
  for (const [id, checksum] of [
    ["0001", "a1"],
    ["0002", "b2"],
  ])
    await server.asked(
      `insert into fairway_migrations (id, checksum, class, state, began_at, applied_at, applied_by, fence)
       values ('${id}', '${checksum}', 'expand', 'applied', '2026-01-01', '2026-01-01', 'test', 1)`,
    );
});
afterAll(async () => {
  await server?.stop();
});

const filesBelow = async (path: string): Promise<readonly string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await chmod(file, 0o600);
  await writeFile(file, bytes);
}

/** The files of a backup's data, the largest first; its manifest is another thing. */
async function dataOf(repository: string, id: string): Promise<readonly string[]> {
  const files = (await filesBelow(join(repository, "backup", "shop", id))).filter(
    (file) => !file.includes("backup.manifest"),
  );
  const sized = await Promise.all(files.map(async (file) => ({ file, size: (await stat(file)).size })));
  return sized.toSorted((one, other) => other.size - one.size).map(({ file }) => file);
}

describe.skipIf(!canRun || !isLong)("every repository of backups", () => {
  let worlds = 0;
  backupRepositorySuite("pgBackRest", async () => {
    const name = `world-${++worlds}`;
    const { config, path } = await server.repository(name, key);
    await server.archiveTo(name);
    const away = join(server.scratch, `${name}-away.conf`);
    await writeFile(away, (await readFile(config, "utf8")).replace(/pg1-socket-path=.*/, "pg1-socket-path=/nowhere"));
    return {
      repository: repositoryOf(config),
      withAnotherKey: repositoryOf(config, "another"),
      withoutSource: repositoryOf(away),
      damage: async (id) => {
        for (const file of await dataOf(path, id)) await flip(file);
      },
      cut: async (id) => {
        for (const file of await dataOf(path, id)) await truncate(file, Math.floor((await stat(file)).size / 2));
      },
      leaveHalf: async () => {
        const half = join(path, "backup", "shop", "20260101-000000F", "pg_data");
        await mkdir(half, { recursive: true });
        await writeFile(join(half, "PG_VERSION.lz4"), "half");
      },
    };
  });
});

interface Sabotage {
  readonly parts?: Partial<DrillParts>;
  readonly cipher?: string;
  readonly recorded?: readonly DrillMigration[];
  /** What is done to a copy of the repository. */
  readonly harm?: (repository: string, id: string) => Promise<void>;
  readonly program?: string;
  readonly within?: number;
}

const shop = `
const { Client } = require(process.env.PG_MODULE);
const url = new URL(process.env.DATABASE_URL);
const client = new Client({ host: url.searchParams.get("host"), user: url.username, port: Number(url.port), database: url.pathname.slice(1) });
client.connect().then(() => client.query("select count(*)::int as count from orders")).then(({ rows }) =>
  require("node:http").createServer((_, answer) => answer.writeHead(rows[0].count === 5000 ? 200 : 500).end()).listen(8080, "127.0.0.1"));
`;

describe.skipIf(!canRun)("a drill of pgBackRest's files and log", () => {
  let id = "";
  let drills = 0;

  beforeAll(async () => {
    await server.archiveTo("first");
    const made = await repositoryOf(join(server.scratch, "first.conf")).take();
    id = made.id;
    // What comes after the backup is in the log alone.
    for (let segment = 0; segment < 3; segment++) {
      await server.asked("update heartbeat set at = clock_timestamp()");
      await server.asked("select pg_switch_wal()");
    }
    await server.archived();
  });

  async function drill({ parts, harm, cipher = key, program = shop, ...given }: Sabotage): Promise<DrillReport> {
    const name = `drill-${++drills}`;
    const original = join(server.scratch, "first.conf");
    const config = harm === undefined ? original : join(server.scratch, `${name}.conf`);
    if (harm !== undefined) {
      const copy = join(server.scratch, `${name}-repository`);
      await cp(join(server.scratch, "first"), copy, { recursive: true });
      await harm(copy, id);
      await writeFile(config, (await readFile(original, "utf8")).replace(/repo1-path=.*/, `repo1-path=${copy}`));
    }
    const places = join(server.scratch, "drills");
    await mkdir(places, { recursive: true });
    const cluster = clusterDrill({
      ...{ places, closing, superuser: ours.user, database: async () => server.url },
      heartbeat: "select at from heartbeat",
      boot: (copy) =>
        bootProgram(
          {
            command: [process.execPath, "-e", program],
            directory: "/",
            health: "http://127.0.0.1:8080/",
            within: given.within ?? 120_000,
            env: { PG_MODULE: createRequire(import.meta.url).resolve("pg") },
            database: copy.connection.database,
          },
          copy,
        ),
    });
    const { recorded } = given;
    const report = await restoreDrill({
      ...{ repository: repositoryOf(config, cipher), choose: "latest", closing, now: Date.now },
      ...{ place: join(places, name), keep: async () => undefined },
      ...{ newestWithin: 26 * 3_600_000, rpoWithin: 3_600_000, startWithin: 120_000 },
      ...cluster,
      ...(recorded === undefined ? {} : { migrations: { ...cluster.migrations, recorded: async () => recorded } }),
      ...parts,
    });
    expect(await readdir(places)).toEqual([]);
    return report;
  }

  test("replays the log beyond the backup, and leaves nothing and the repository as it was", async () => {
    const [before] = (await server.asked("select at from heartbeat")) as readonly { readonly at: Date }[];
    const before1 = await filesBelow(join(server.scratch, "first"));
    const seen: string[] = [];
    const report = await drill({
      parts: {
        heartbeat: async ({ connection }) => {
          const [row] = await askOnce(connection, (ask) => ask<{ at: Date }>("select at from heartbeat"));
          seen.push(row?.at.toISOString() ?? "");
          return row?.at.toISOString() ?? null;
        },
      },
    });
    expect(report.steps.map(({ step, outcome, why }) => (outcome === "passed" ? step : `${step}: ${why}`))).toEqual([
      ...["choose", "newest", "continuity", "place", "restore", "start", "heartbeat", "integrity", "migrations"],
      ...["boot", "facts", "clear"],
    ]);
    expect(seen).toEqual([before?.at.toISOString()]);
    // Production's archive is byte by byte where it was: nothing of the copy went there.
    expect(await filesBelow(join(server.scratch, "first"))).toEqual(before1);
  });

  test("a server that archives says so, and one that cannot is told of", async () => {
    const facts = await askServer(server.url);
    const monitor = { database: "", standbys: 0, lag: { warn: 60_000, page: 300_000 }, archive: 900_000 };
    expect(serverAlerts({ name: "shop", environment: "production" }, monitor, facts, Date.now())).toEqual([]);
    await writeFile(join(server.scratch, "archives-to"), join(server.scratch, "nowhere.conf"));
    await server.asked("update heartbeat set at = clock_timestamp(); select pg_switch_wal()");
    await vi.waitFor(
      async () =>
        expect(
          serverAlerts(
            { name: "shop", environment: "production" },
            { ...monitor, standbys: 1 },
            await askServer(server.url),
            Date.now(),
          ).map(({ key: of, level }) => `${level} ${of}`),
        ).toEqual(["error backup/shop/archive", "error backup/shop/standbys"]),
      { timeout: 200_000, interval: 200 },
    );
    await server.archiveTo("first");
  });

  test("a stanza that was stopped makes no backup, whatever was made before, and its log is told of", async () => {
    const { config } = await server.repository("first", key);
    const asked = (word: string): Promise<unknown> =>
      promisify(execFile)("pgbackrest", [`--config=${config}`, "--stanza=shop", "--log-level-file=off", word]);
    await asked("stop");
    try {
      await expect(repositoryOf(config).take()).rejects.toMatchObject({ code: "command_failed" });
      await server.asked("update heartbeat set at = clock_timestamp()");
      await server.asked("select pg_switch_wal()");
      const monitor = { database: "", standbys: 0, lag: { warn: 60_000, page: 300_000 }, archive: 900_000 };
      const of = { name: "shop", environment: "production" };
      await vi.waitFor(
        async () =>
          expect(serverAlerts(of, monitor, await askServer(server.url), Date.now())).toMatchObject([
            { key: "backup/shop/archive", level: "error" },
          ]),
        { timeout: 100_000, interval: 200 },
      );
    } finally {
      await asked("start");
    }
  });

  const recorded: readonly DrillMigration[] = [
    { database: "the database", id: "0001", checksum: "a1" },
    { database: "the database", id: "0002", checksum: "b2" },
  ];
  const [one, two] = recorded as [DrillMigration, DrillMigration];
  /** Takes files of the log away, from one on in their order. */
  const withoutSegments = async (repository: string, from: number, until?: number): Promise<void> => {
    const files = (await filesBelow(join(repository, "archive"))).filter(
      (file) =>
        segmentsOf({ from: "0".repeat(24), to: "F".repeat(24), there: [file.split("/").at(-1) ?? ""] }).length > 0,
    );
    for (const file of files.toSorted().slice(from, until)) await rm(file);
  };
  // Not the newest, which nobody could know of.
  const withoutSegment = (repository: string): Promise<void> => withoutSegments(repository, -2, -1);
  const short: readonly (readonly [name: string, step: DrillStep, says: string, Sabotage])[] = [
    ["a segment of the log that is gone", "continuity", "of the archived log is missing", { harm: withoutSegment }],
    ["another key", "choose", "is not opened by the key", { cipher: "another" }],
    [
      "an empty repository",
      "choose",
      "there is no backup",
      { harm: async (repository) => rm(join(repository, "backup"), { recursive: true }) },
    ],
  ];
  const long: typeof short = [
    [
      "a bit flipped in the backup",
      "restore",
      "is not well",
      { harm: async (repository, of) => flip((await dataOf(repository, of))[0] ?? "") },
    ],
    [
      "a newest backup that is too old",
      "newest",
      "may be 26.0 h",
      { parts: { now: () => Date.now() + 27 * 3_600_000 } },
    ],
    [
      "a migration that is missing",
      "migrations",
      "0003 of the database is missing",
      { recorded: [...recorded, { ...two, id: "0003" }] },
    ],
    ["a migration too many", "migrations", "0002 of the database is there", { recorded: [one] }],
    [
      "a migration that was altered",
      "migrations",
      "0002 of the database is not what",
      { recorded: [one, { ...two, checksum: "c3" }] },
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
    [
      "a log of which nothing is left",
      "continuity",
      "of the archived log is missing",
      { harm: (repository) => withoutSegments(repository, 0) },
    ],
    ["a log whose end was lost", "heartbeat", "s were lost", { parts: { rpoWithin: 0 } }],
  ];

  test.each(isLong ? [...short, ...long] : short)(
    "is red by %s, in the step %s",
    async (_name, step, says, sabotage) => {
      const report = await drill(sabotage);
      expect(failedStep(report)).toMatchObject({ step, why: expect.stringContaining(says) as string });
      expect(drillVerdict(report)).toMatchObject({ outcome: "failed", facts: { step } });
      expect(report.steps.at(-1)).toMatchObject({ step: "clear", outcome: "passed" });
    },
  );

  test.skipIf(!isLong)(
    "is red by a runner that was killed, in the step that was under way, and nothing of it is left",
    async () => {
      const kept: DrillReport[] = [];
      const gone: string[] = [];
      const report = await drill({
        parts: {
          keep: async (now) => void kept.push({ ...now, steps: [...now.steps] }),
          boot: async (copy) => {
            // All that a runner leaves behind hangs on the one process that it had started.
            const stat = await readFile(`/proc/${copy.pid}/stat`, "utf8");
            process.kill(Number(/\) \S (\d+)/.exec(stat)?.[1]), "SIGKILL");
            await vi.waitFor(() => expect(existsSync(`/proc/${copy.pid}`)).toBe(false), {
              timeout: 60_000,
              interval: 20,
            });
            gone.push("the server");
            throw new Error("killed");
          },
        },
      });
      expect(gone).toEqual(["the server"]);
      expect(failedStep(report)).toMatchObject({ step: "boot", why: "killed" });
      expect(report.steps.at(-1)).toMatchObject({ step: "clear", outcome: "passed" });
      // Whoever comes next has what was kept until then.
      const last = kept.findLast(({ steps }) => steps.at(-1)?.step === "migrations")!;
      expect(drillVerdict(interruptedDrill(last, new Date().toISOString()))).toMatchObject({
        outcome: "failed",
        note: "failed at boot: whoever ran it was gone before it ended",
      });
    },
  );
});

describe.skipIf(!isLong)("what ops/backups.yaml says of a stanza", () => {
  const planned: PlannedPgBackRest = {
    ...{ name: "shop", environment: "production", rpo: 900_000, driver: "pgbackrest", stanza: "shop" },
    ...{ config: "", repository: 1, key: "KEY", full: "15 1 * * 0", database: null, superuser: ours.user },
    ...{ roles: [], heartbeat: null },
  };
  const openedAt = (config: string, now: () => number): OpenedBackup =>
    openPlanned(
      { ...planned, config },
      {
        ...{ clock: cronClock, now, closing, places: join(server.scratch, "drills"), artifacts: "" },
        secrets: async () => ({ KEY: key }),
        current: async () => null,
        archiveSource: () => Promise.reject(new Error("nothing is archived")),
      },
    );

  test("one is full each week, and those of the nights between hold what has changed", async () => {
    const { config } = await server.repository("weekly", key);
    await server.archiveTo("weekly");
    let ahead = 0;
    const { repository } = openedAt(config, () => Date.now() + ahead);
    const kinds: string[] = [];
    for (const days of [0, 0, 8, 0]) {
      ahead = days * 86_400_000;
      await server.asked("update heartbeat set at = clock_timestamp()");
      const made = await repository.take();
      kinds.push(made.kind);
      expect(await repository.missing(made.id)).toEqual([]);
    }
    expect(kinds).toEqual(["full", "incremental", "full", "incremental"]);
    expect((await repository.snapshots()).map(({ kind }) => kind)).toEqual(kinds);
    await server.archiveTo("first");
  });

  test.skipIf(!needs("root"))(
    "a copy that somebody else pulls is read and drilled as it is, and whoever makes backups can take nothing from it",
    async () => {
      await server.repository("pulled", key);
      await server.archiveTo("pulled");
      const { id } = await repositoryOf(join(server.scratch, "pulled.conf")).take();
      await server.asked("select pg_switch_wal()");
      await server.archived();
      const [from, vault] = [join(server.scratch, "pulled"), join(server.scratch, "vault")];
      // Whoever keeps the copy may read the repository, and has a place of their own.
      await chmod(server.scratch, 0o755);
      await promisify(execFile)("chmod", ["-R", "a+rX,go-w", from]);
      await mkdir(vault, { mode: 0o755 });
      await promisify(execFile)("chown", ["nobody", vault]);
      const asKeeper = (...words: readonly string[]): Promise<unknown> =>
        promisify(execFile)("setpriv", ["--reuid=nobody", "--regid=nogroup", "--init-groups", "--", ...words]);
      await asKeeper("cp", "-r", `${from}/.`, vault);
      await asKeeper("touch", join(vault, "canary"));
      await expect(asKeeper("touch", join(from, "written"))).rejects.toThrow("Permission denied");
      const config = join(server.scratch, "vault.conf");
      const text = await readFile(join(server.scratch, "pulled.conf"), "utf8");
      // As a machine has it that holds repositories, and no server.
      const away = text.replace("pg1-path=", "pg1-host=production.invalid\npg1-path=");
      await writeFile(config, away.replace(/repo1-path=.*/, `repo1-path=${vault}`));
      // The one that is pulled from may be gone with the machine.
      await rm(from, { recursive: true });
      const { repository, drill } = openedAt(config, Date.now);
      expect((await repository.snapshots()).map((one) => one.id)).toEqual([id]);
      const report = await restoreDrill({
        ...{ repository, choose: "latest", closing, now: Date.now, keep: async () => undefined },
        ...{ place: join(server.scratch, "drills", "of-the-copy"), newestWithin: 3_600_000, startWithin: 120_000 },
        ...drill,
        rpoWithin: 3_600_000,
      });
      expect(failedStep(report)).toBeNull();
      expect(await probeDeletion({ file: join(vault, "canary"), as: "daemon" }, closing)).toMatchObject({
        outcome: "refused",
      });
      expect(await probeDeletion({ file: join(vault, "canary"), as: "nobody" }, closing)).toMatchObject({
        outcome: "done",
      });
      await server.archiveTo("first");
    },
  );
});
