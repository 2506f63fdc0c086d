import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { backupRepositorySuite } from "@fairway/conformance";
import type { DrillReport, DrillStep } from "@fairway/core";
import { drillVerdict, failedStep } from "@fairway/core";
import { ensureRecordTable, withSession } from "@fairway/migrations";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { dumpBackups } from "./dump-backups.ts";
import { dumpFiles } from "./dump-manifest.ts";
import { dumpDrill } from "./dump-drill.ts";
import { restoreDrill } from "./restore-drill.ts";
import type { SystemServer } from "./testing/system-server.ts";
import { ageKeys, systemServer } from "./testing/system-server.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const limits = { lock: 10_000, statement: 60_000 };
const secretText = "a name that nobody may read";
const closing = new AbortController().signal;
const canRun = needs("postgresql", "age", "namespaces");

let server: SystemServer;
let keys: ReturnType<typeof ageKeys>;
let others: ReturnType<typeof ageKeys>;

const asked = (statement: string): Promise<unknown> =>
  withSession(server.url, limits, (client) => client.query(statement));
const recorded = (id: string, checksum: string): Promise<unknown> =>
  asked(
    `insert into fairway_migrations (id, checksum, class, state, began_at, applied_at, applied_by, fence)
     values ('${id}', '${checksum}', 'expand', 'applied', '2026-01-01', '2026-01-01', 'test', 1)`,
  );

beforeAll(async () => {
  if (!canRun) return;
  server = await systemServer();
  keys = ageKeys();
  others = ageKeys();
  await asked(`create table customers as select n as id, '${secretText}' as name from generate_series(1, 2000) n`);
  await asked("create index on customers (name, id)");
  await asked("create role authenticated");
  await asked("alter table customers enable row level security");
  await asked("create policy theirs on customers to authenticated using (true)");
  await withSession(server.url, limits, ensureRecordTable);
  await recorded("0001", "a1");
  await recorded("0002", "b2");
});
afterAll(async () => {
  await server?.stop();
});

/** Who waits for a lock to dump something. */
const waiting = (): Promise<readonly number[]> =>
  withSession(server.url, limits, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'pg_dump' and wait_event_type = 'Lock'",
    );
    return rows.map(({ pid }) => pid);
  });

const wordsOfPrograms = async (): Promise<readonly string[]> =>
  Promise.all(
    (await readdir("/proc"))
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(join("/proc", name, "cmdline"), "utf8").catch(() => "")),
  );

type Dumps = ReturnType<typeof dumpBackups>;

async function place(): Promise<string> {
  return mkdtemp(join(server.scratch, "repository-"));
}

const dumps = (directory: string, { url = server.url, identity = keys.identity, keep = 5 } = {}): Dumps =>
  dumpBackups({
    ...{ directory, keep, closing, recipient: keys.recipient },
    database: async () => url,
    identity: async () => identity,
  });

const dumpOf = (directory: string, id: string): string => join(directory, id, dumpFiles.dump);

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(file, bytes);
}

describe.skipIf(!canRun)("dumps by pg_dump", () => {
  backupRepositorySuite("dumps by pg_dump, encrypted by age", async () => {
    const directory = await place();
    return {
      repository: dumps(directory),
      withAnotherKey: dumps(directory, { identity: others.identity }),
      withoutSource: dumps(directory, { url: "postgresql://nobody@localhost:1/none?host=/nowhere" }),
      damage: (id) => flip(dumpOf(directory, id)),
      cut: async (id) => truncate(dumpOf(directory, id), (await stat(dumpOf(directory, id))).size - 1),
      leaveHalf: async () => {
        const half = join(directory, "20260101T000000000Z.unfinished-999999999-0badcafe");
        await mkdir(half);
        await writeFile(join(half, dumpFiles.dump), "age-encryption.org/v1\n");
      },
    };
  });

  test("no row of it can be read on the disk, and only as many are kept as were asked for", async () => {
    const directory = await place();
    const repository = dumps(directory, { keep: 2 });
    const [, second, third] = [await repository.take(), await repository.take(), await repository.take()];
    expect(await readdir(directory)).toEqual([second.id, third.id]);
    const bytes = await readFile(dumpOf(directory, third.id));
    expect(bytes.subarray(0, 21).toString()).toBe("age-encryption.org/v1");
    expect(bytes.includes(secretText)).toBe(false);
    expect((await stat(dumpOf(directory, third.id))).mode & 0o077).toBe(0);
  });

  test("a dump that the key does not open is no backup, whatever the programs said that made it", async () => {
    const directory = await place();
    const repository = dumps(directory, { identity: others.identity });
    await expect(repository.take()).rejects.toMatchObject({ code: "key_unusable" });
    expect(await readdir(directory)).toEqual([]);
  });

  test("a key that is none is said to be unusable, and is not printed", async () => {
    const broken = "AGE-SECRET-KEY-1BROKEN";
    const repository = dumps(await place(), { identity: broken });
    const thrown = await repository.take().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "key_unusable" });
    expect(String((thrown as Error).message)).not.toContain(broken);
  });

  test("a dump that its server ends is no backup, and no password was in the words of a program", async () => {
    const directory = await place();
    const address = new URL(server.url);
    address.password = "nobody-may-see-this";
    await withSession(server.url, limits, async (holder) => {
      await holder.query("begin");
      await holder.query("lock table customers in access exclusive mode");
      const taking = dumps(directory, { url: address.href })
        .take()
        .catch((thrown: unknown) => thrown);
      // It waits for the table, so it goes on for as long as it is looked at.
      const dumping = await vi.waitFor(
        async () => {
          const found = await waiting();
          expect(found).toHaveLength(1);
          return found[0] ?? 0;
        },
        { timeout: 60_000, interval: 50 },
      );
      const words = await wordsOfPrograms();
      expect(words.filter((one) => one.includes("pg_dump\0--format=custom"))).not.toEqual([]);
      expect(words.filter((one) => one.includes(address.password) || one.includes(keys.identity))).toEqual([]);
      await asked(`select pg_terminate_backend(${dumping})`);
      expect(await taking).toMatchObject({ code: "command_failed" });
      await holder.query("rollback");
    });
    expect(await readdir(directory)).toEqual([]);
  });

  test("what is being written when everything ends is no backup", async () => {
    const directory = await place();
    const ending = new AbortController();
    ending.abort();
    const repository = dumpBackups({
      ...{ directory, keep: 5, closing: ending.signal, recipient: keys.recipient },
      database: async () => server.url,
      identity: async () => keys.identity,
    });
    await expect(repository.take()).rejects.toMatchObject({ code: "command_failed" });
    expect(await readdir(directory)).toEqual([]);
  });
});

interface Sabotage {
  readonly heartbeat?: string | null;
  readonly identity?: string;
  readonly roles?: readonly string[];
  readonly newestWithin?: number;
  readonly free?: number;
  readonly harm?: (dump: string) => Promise<void>;
  /** What happens to the repository while the drill is under way. */
  readonly meanwhile?: (directory: string, newest: string) => Promise<void>;
}

let drills = 0;

async function drill(sabotage: Sabotage = {}, before: () => Promise<unknown> = async () => null): Promise<DrillReport> {
  const directory = await place();
  if (sabotage.meanwhile !== undefined) await dumps(directory).take();
  const { id } = await dumps(directory).take();
  await before();
  await sabotage.harm?.(dumpOf(directory, id));
  const places = join(server.scratch, "drills");
  const parts = dumpDrill({
    boot: null,
    ...{ database: async () => server.url, roles: sabotage.roles ?? ["authenticated"], places, closing },
    heartbeat: sabotage.heartbeat ?? null,
  });
  const report = await restoreDrill({
    ...parts,
    ...(sabotage.free === undefined ? {} : { room: async () => sabotage.free ?? 0 }),
    keep: async ({ steps }) => {
      if (steps.at(-1)?.step === "restore") await sabotage.meanwhile?.(directory, id);
    },
    repository: dumps(directory, sabotage.identity === undefined ? {} : { identity: sabotage.identity }),
    place: join(places, `drill-${++drills}`),
    choose: "latest",
    newestWithin: sabotage.newestWithin ?? 3_600_000,
    rpoWithin: 900_000,
    startWithin: 120_000,
    now: Date.now,
    closing,
  });
  // Whatever happened, nothing of it is left.
  expect(await readdir(places).catch(() => [])).toEqual([]);
  return report;
}

describe.skipIf(!canRun)("a drill of a dump", () => {
  test("goes through the steps that apply, and says of the others why they do not", async () => {
    const report = await drill();
    expect(report.steps.map(({ step, outcome, why }) => (outcome === "passed" ? step : `${step}: ${why}`))).toEqual([
      "choose",
      "newest",
      "continuity: does not apply: a dump is of one moment, and needs no log",
      ...["place", "restore", "start"],
      "heartbeat: does not apply: ops/backups.yaml names no heartbeat",
      ...["integrity", "migrations"],
      "boot: does not apply: ops/backups.yaml names no program to start on the copy",
      ...["facts", "clear"],
    ]);
    expect(drillVerdict(report)).toMatchObject({
      outcome: "passed",
      facts: { step: null, "left-out": "continuity, heartbeat, boot" },
    });
  });

  test("stays well when an old backup is expired beside it, and is red when one is changed or the newest goes", async () => {
    const older = async (directory: string, newest: string): Promise<readonly string[]> =>
      (await readdir(directory)).filter((name) => name !== newest).map((name) => join(directory, name));
    const last = async (meanwhile: NonNullable<Sabotage["meanwhile"]>): Promise<unknown> =>
      (await drill({ meanwhile })).steps.at(-1);
    expect(
      await last(async (directory, newest) => {
        for (const one of await older(directory, newest)) await rm(one, { recursive: true });
      }),
    ).toMatchObject({ step: "clear", outcome: "passed", facts: { expired: 1 } });
    expect(await last((directory, newest) => rm(join(directory, newest), { recursive: true }))).toMatchObject({
      ...{ step: "clear", outcome: "failed", why: expect.stringContaining("is gone, and was the newest") as string },
    });
    expect(
      await last(async (directory, newest) => {
        for (const one of await older(directory, newest)) await utimes(dumpOf(one, ""), 1, 1);
      }),
    ).toMatchObject({ step: "clear", outcome: "failed", why: expect.stringContaining("was changed") as string });
  });

  test("asks the copy for its newest row", async () => {
    const { steps } = await drill({ heartbeat: "select now() as at" });
    expect(steps.find(({ step }) => step === "heartbeat")).toMatchObject({ outcome: "passed", facts: { "rpo-ms": 0 } });
  });

  test.each<readonly [name: string, step: DrillStep, says: string, Sabotage]>([
    ["a bit flipped in the dump", "restore", "its bytes have changed", { harm: flip }],
    ["a dump that ends too early", "choose", "there is no backup", { harm: (file) => truncate(file, 100) }],
    ["a key that opens nothing", "restore", "is not opened by the key", { identity: "other" }],
    ["a newest backup that is too old", "newest", "the newest backup is", { newestWithin: -1 }],
    ["a disk without room", "place", "0.0 MiB are free", { free: 1 }],
    ["a heartbeat that stopped", "heartbeat", "s were lost", { heartbeat: "select timestamptz '2026-01-01'" }],
    ["a role that the copy has not", "start", "authenticated", { roles: [] }],
  ])("is red by %s, in the step %s", async (_name, step, says, sabotage) => {
    const report = await drill({
      ...sabotage,
      ...(sabotage.identity === undefined ? {} : { identity: others.identity }),
    });
    expect(failedStep(report)).toMatchObject({ step, why: expect.stringContaining(says) as string });
    expect(report.steps.at(-1)).toMatchObject({ step: "clear", outcome: "passed" });
  });

  test.each<readonly [name: string, change: string, says: string, undo: string]>([
    [
      "a migration that is missing",
      "insert into fairway_migrations (id, checksum, class, state, began_at, applied_at, applied_by, fence) select '0003', checksum, class, state, began_at, applied_at, applied_by, fence from fairway_migrations where id = '0002'",
      "0003 of the database is missing",
      "delete from fairway_migrations where id = '0003'",
    ],
    [
      "a migration that was altered",
      "update fairway_migrations set checksum = 'c3' where id = '0002'",
      "0002 of the database is not what",
      "update fairway_migrations set checksum = 'b2' where id = '0002'",
    ],
    [
      "a migration too many",
      "delete from fairway_migrations where id = '0002'",
      "0002 of the database is there",
      "insert into fairway_migrations (id, checksum, class, state, began_at, applied_at, applied_by, fence) select '0002', 'b2', class, state, began_at, applied_at, applied_by, fence from fairway_migrations where id = '0001'",
    ],
  ])("is red by %s", async (_name, change, says, undo) => {
    const report = await drill({}, () => asked(change));
    await asked(undo);
    expect(failedStep(report)).toMatchObject({ step: "migrations", why: expect.stringContaining(says) as string });
  });
});
