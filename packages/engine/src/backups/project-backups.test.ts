import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import { remindOfDuties } from "../duties/settle-duties.ts";
import { beginDrill } from "../store/drills.ts";
import { eventsAfter, latestEvent } from "../store/events.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import type { ProjectBackups } from "./project-backups.ts";
import { projectBackups } from "./project-backups.ts";
import type { SystemServer } from "./testing/system-server.ts";
import { ageKeys, systemServer } from "./testing/system-server.ts";

// Real servers on a disk that others sync at the same time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const canRun = needs("postgresql", "age", "namespaces");

let store: Store;
let server: SystemServer;
let duties: DutyControl;
let backups: ProjectBackups;
let secrets: Record<string, string>;
let directory: string;
const told: string[] = [];
storeForTests((opened) => void (store = opened));

beforeAll(async () => {
  if (!canRun) return;
  server = await systemServer();
  const keys = ageKeys();
  secrets = { DATABASE_URL: server.url, BACKUP_IDENTITY: keys.identity };
  directory = join(server.scratch, "shop");
  duties = dutyControl({
    store,
    repository: {
      checkout: async (_sha, to) => {
        await mkdir(join(to, "ops"), { recursive: true });
        await writeFile(join(to, "ops/people.yaml"), "roles:\n  lead:\n    people: [{ name: ada }]\n");
        await writeFile(
          join(to, "ops/backups.yaml"),
          `backups:
  shop:
    { driver: pg_dump, environment: production, owner: lead, database: DATABASE_URL, identity: BACKUP_IDENTITY,
      recipient: ${keys.recipient}, directory: ${directory}, cron: "0 0 1 1 *", from: 2020-01-01, grace: 6h,
      drill: { every: P1M, from: 2020-01-31, rolling: true } }
`,
        );
      },
    },
    ...{ scratch: server.scratch, clock: cronClock, now: Date.now },
  });
  await duties.reader.look("a".repeat(40));
  backups = projectBackups({
    ...{ store, duties, clock: cronClock, now: Date.now, closing: new AbortController().signal },
    secrets: { lookUp: async (_environment, names) => Object.fromEntries(names.flatMap((name) => valueOf(name))) },
    places: join(server.scratch, "drills"),
    artifacts: join(server.scratch, "artifacts"),
    releaseOf: () => Promise.reject(new Error("nothing was released")),
    current: async () => null,
    openManaged: null,
    tell: (message) => void told.push(message),
  });
});
afterAll(async () => {
  await backups?.settled();
  await server?.stop();
});

const valueOf = (name: string): readonly (readonly [string, string])[] => {
  const value = secrets[name];
  return value === undefined ? [] : [[name, value]];
};

const standing = async (id: string): Promise<{ readonly state: string; readonly note: string }> => {
  const found = (await duties.standings({})).find(({ duty }) => duty.id === id);
  return { state: found?.state ?? "", note: found?.newest?.note ?? "" };
};

const reminded = async (): Promise<readonly unknown[]> => {
  const before = await latestEvent(store);
  await store.rows("truncate fairway.duty_reminders");
  await remindOfDuties({ store, duties, now: Date.now });
  return (await eventsAfter(store, before)).map(({ kind, subject, body }) => [
    kind,
    subject,
    (body as { readonly urgency?: string }).urgency,
  ]);
};

describe.skipIf(!canRun)("a project's own database", () => {
  test("one whose backup was missed is told of at once, and one that cannot be made says why", async () => {
    expect((await duties.inForce()).problems).toEqual([]);
    expect(await reminded()).toContainEqual(["duty.reminded", "backup/shop", "overdue"]);
    const { BACKUP_IDENTITY = "", ...without } = secrets;
    secrets = without;
    await backups.lookAfter();
    expect(await standing("backup/shop")).toEqual({
      state: "failing",
      note: "the backup shop needs the secret BACKUP_IDENTITY, which production has not",
    });
    expect(await reminded()).toContainEqual(["duty.reminded", "backup/shop", "failing"]);
    expect(existsSync(directory)).toBe(false);
    secrets = { ...without, BACKUP_IDENTITY };
  });

  test("is backed up and drilled, and both are read from what is there", async () => {
    const control = (await backups.controls()).get("shop")!;
    await backups.settled();
    const made = await control.take();
    expect(await standing("backup/shop")).toEqual({ state: "ok", note: `${made.id}, read from the repository` });
    const { number } = await control.drill("latest");
    await control.settled();
    const drilled = (await control.drills(10)).find((one) => one.number === number);
    expect(drilled?.report.steps.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(await standing("drill/shop")).toEqual({ state: "ok", note: `restored ${made.id}` });
    await backups.lookAfter();
    await backups.settled();
    expect(await readdir(directory)).toEqual([made.id]);
  });

  test("a drill whose daemon was killed is red in its step, and is made again at once", async () => {
    const control = (await backups.controls()).get("shop")!;
    const { label = "" } = (await control.repository()) ?? {};
    const number = await beginDrill(store, label, "ada");
    await backups.lookAfter();
    const interrupted = (await control.drills(10)).find((one) => one.number === number);
    expect(interrupted?.report.steps).toMatchObject([{ step: "choose", outcome: "failed" }]);
    await backups.settled();
    expect(await standing("drill/shop")).toMatchObject({ state: "ok" });
  });

  test("a backup that is gone from its repository counts no more", async () => {
    await rm(directory, { recursive: true });
    await backups.lookAfter();
    const evidence = await duties.evidence({ duty: "backup/shop", release: null, limit: 5 });
    expect(evidence.map(({ note }) => note)).toContain("the repository has no backup any more");
    await backups.settled();
    expect(told).toEqual([expect.stringContaining("could not back shop up: the backup shop needs the secret")]);
  });
});
