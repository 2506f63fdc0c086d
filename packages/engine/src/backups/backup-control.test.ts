import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import { drillVerdict } from "@fairway/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { openAudit } from "../audit/audit-control.ts";
import { backupDatabase } from "../database/backup.ts";
import type { EmbeddedPostgres } from "../database/embedded-postgres.ts";
import { openEmbeddedPostgres } from "../database/embedded-postgres.ts";
import type { ScratchDirectory } from "../database/test-database.ts";
import { scratchDirectory } from "../database/test-database.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import { signingKey } from "../provenance/signing-key.ts";
import type { DrillRecord } from "../store/drills.ts";
import { beginDrill } from "../store/drills.ts";
import { migrate } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";
import { openStore } from "../store/store.ts";
import type { BackupControl } from "./backup-control.ts";
import { backupControl } from "./backup-control.ts";
import { baseBackups } from "./base-backups.ts";
import { ownDrill } from "./own-drill.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const owed = `duties:
  backup/fairway: { title: Backup, owner: lead, cron: "15 2 * * *", from: 2026-01-01, grace: 6h }
  drill/fairway: { title: Drill, owner: lead, every: P1M, from: 2026-01-31, rolling: true }
`;

let scratch: ScratchDirectory;
let database: EmbeddedPostgres;
let store: Store;
let duties: DutyControl;
let backups: BackupControl;
let parts: Parameters<typeof backupControl>[0];
/** What happens while it is looked what nobody carries on. */
let meanwhile: () => void = () => undefined;
const told: string[] = [];

beforeAll(async () => {
  scratch = await scratchDirectory();
  database = await openEmbeddedPostgres({ directory: join(scratch.path, "database"), settings: { fsync: "off" } });
  store = openStore({ ...database.connection });
  await migrate(store);
  const key = await signingKey(join(scratch.path, "signing"));
  store.signAuditWith(key);
  const tell = (problem: string): void => void told.push(problem);
  const audit = await openAudit({ store, key, heads: join(scratch.path, "heads.jsonl"), version: "1", tell }, false);
  duties = dutyControl({
    store,
    repository: {
      checkout: async (_sha, directory) => {
        await mkdir(join(directory, "ops"), { recursive: true });
        await writeFile(join(directory, "ops/people.yaml"), "roles:\n  lead:\n    people: [{ name: ada }]\n");
        await writeFile(join(directory, "ops/duties.yaml"), owed);
      },
    },
    scratch: scratch.path,
    clock: cronClock,
    now: Date.now,
    facts: async () => ({ freeze: null, approvals: { needed: 0, given: null }, incidents: [] }),
    gaining: async () => [],
  });
  await duties.reader.look("a".repeat(40));
  const directory = join(scratch.path, "backups");
  parts = {
    ...{ store, duties, clock: cronClock, now: Date.now, closing: new AbortController().signal, tell },
    claims: () => {
      meanwhile();
      return true;
    },
    own: {
      repository: baseBackups({
        directory,
        make: (to) => backupDatabase(database, to),
        opens: async () => true,
        keep: 2,
      }),
      drill: ownDrill({ store, audit, databaseDirectory: database.directory }),
      places: join(scratch.path, "drills"),
    },
  };
  backups = backupControl(parts);
});

afterAll(async () => {
  await store?.close();
  await database?.stop();
  await scratch?.remove();
});

const standing = async (
  id: string,
): Promise<{ readonly state: string; readonly why: string; readonly backup: unknown }> => {
  const found = (await duties.standings({})).find(({ duty }) => duty.id === id);
  return { state: found?.state ?? "", why: found?.why ?? "", backup: found?.newest?.facts["backup"] };
};

describe.skipIf(!needs("namespaces"))("Fairway's own database", () => {
  test("is backed up and drilled when its time has come, and both are read from what is there", async () => {
    await backups.lookAfter();
    const { snapshots = [] } = (await backups.repository()) ?? {};
    expect(snapshots).toHaveLength(1);
    expect(await standing("backup/fairway")).toMatchObject({ state: "ok", backup: snapshots[0]?.id });

    await backups.settled();
    const [drill] = await backups.drills(5);
    expect(
      drill?.report.steps.map(({ step, outcome, why }) => (outcome === "passed" ? step : `${step}: ${why}`)),
    ).toEqual([
      ...["choose", "newest", "continuity", "place", "restore", "start", "heartbeat", "integrity", "migrations"],
      ...["boot", "facts", "clear"],
    ]);
    expect(await standing("drill/fairway")).toMatchObject({ state: "ok", backup: snapshots[0]?.id });
    await backups.lookAfter();
    expect(await backups.drills(5)).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test("a drill whose daemon was killed is red in its step, and is made again at once", async () => {
    await beginDrill(store, "base backups", "ada");
    await mkdir(join(scratch.path, "drills", "drill-2", "restored"), { recursive: true });
    let another: Promise<unknown> = Promise.resolve();
    meanwhile = () => {
      another = backups.drill("latest");
      meanwhile = () => undefined;
    };
    await backups.lookAfter();
    // While it was looked it would have passed for one that nobody carries on, too.
    expect(await another).toMatchObject({ number: 3 });
    const [, interrupted] = (await backups.drills(2)) as [DrillRecord, DrillRecord];
    expect(drillVerdict(interrupted.report)).toMatchObject({
      outcome: "failed",
      note: "failed at choose: whoever ran it was gone before it ended",
    });
    await backups.settled();
    expect(await standing("drill/fairway")).toMatchObject({ state: "ok" });
    expect(await readdir(join(scratch.path, "drills"))).toEqual([]);
  });

  test("what is asked for while it only looks waits until it has looked", async () => {
    let asked: Promise<unknown> = Promise.resolve();
    meanwhile = () => {
      asked = backups.take();
      meanwhile = () => undefined;
    };
    await beginDrill(store, "base backups", "ada");
    await backups.lookAfter();
    const taken = await asked.catch((thrown: unknown) => thrown);
    await backups.settled();
    const { snapshots = [] } = (await backups.repository()) ?? {};
    expect(snapshots.at(-1)).toMatchObject({ id: (taken as { id?: string }).id });
  });

  test("one that was made has not failed because the record could not be written", async () => {
    const attest: DutyControl["attest"] = async (evidence) => {
      if (evidence.outcome === "passed") throw new Error("the record is away");
      return duties.attest(evidence);
    };
    await expect(backupControl({ ...parts, duties: { ...duties, attest } }).take()).rejects.toThrow("record is away");
    const found = await duties.evidence({ duty: "backup/fairway", release: null, limit: 5 });
    expect(found.map(({ outcome }) => outcome)).not.toContain("failed");
    await backups.lookAfter();
    await backups.settled();
    const { snapshots = [] } = (await backups.repository()) ?? {};
    expect(await standing("backup/fairway")).toMatchObject({ state: "ok", backup: snapshots.at(-1)?.id });
  });

  test("a backup that is gone from its repository counts no more", async () => {
    await rm(join(scratch.path, "backups"), { recursive: true });
    await backups.take().then(
      () => rm(join(scratch.path, "backups"), { recursive: true }),
      () => undefined,
    );
    await backups.lookAfter();
    const evidence = await duties.evidence({ duty: "backup/fairway", release: null, limit: 5 });
    expect(evidence.map(({ note }) => note)).toContain("the repository has no backup any more");
  });
});
