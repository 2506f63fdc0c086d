import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cronClock } from "@fairway/config";
import type { BackupRepository, BackupSnapshot } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DutyControl } from "../duties/duty-control.ts";
import { dutyControl } from "../duties/duty-control.ts";
import { beginDrill, keepDrill } from "../store/drills.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { backupControl } from "./backup-control.ts";

let store: Store;
let folder: string;
let now: number;
let duties: DutyControl;
/** What somebody else's repository has, and what is wrong with it. */
let there: readonly BackupSnapshot[];
let missing: readonly string[];
let problem: string | null;
let asked: number;
let grace: string;
/** What is on record stays there, so each test has a database of its own name. */
let shop = "";
let shops = 0;
storeForTests((opened) => void (store = opened));

const repository: BackupRepository = {
  label: "somebody else's",
  async snapshots() {
    if (problem !== null) throw new FairwayError("backup_damaged", problem);
    return there;
  },
  take: () => Promise.reject(new FairwayError("command_failed", "it was not made")),
  async missing() {
    asked += 1;
    return missing;
  },
  restore: () => Promise.reject(new Error("nobody restores it")),
  fingerprint: async () => ({ backups: {}, timelines: [] }),
};

const backupOf = (endedAt: string): BackupSnapshot => ({
  ...{ id: endedAt, kind: "full", startedAt: endedAt, endedAt, position: null, serverVersion: "15" },
  ...{ bytes: 1, encrypted: true, identity: null },
});

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "fairway-evidence-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  shop = `shop${++shops}`;
  [there, missing, problem, asked] = [[backupOf("2026-11-20T02:20:00.000Z")], [], null, 0];
  now = Date.parse("2026-11-20T10:00:00.000Z");
  grace = "6h";
  duties = dutyControl({
    ...{ store, scratch: folder, clock: cronClock, now: () => now },
    repository: {
      checkout: async (_sha, to) => {
        await mkdir(join(to, "ops"), { recursive: true });
        await writeFile(join(to, "ops/people.yaml"), "roles:\n  lead:\n    people: [{ name: ada }]\n");
        await writeFile(
          join(to, "ops/duties.yaml"),
          `duties:
  backup/${shop}: { title: Backup, owner: lead, cron: "15 2 * * *", from: 2026-11-01, grace: ${grace} }
  drill/${shop}: { title: Drill, owner: lead, every: P1M, from: 2026-12-31, rolling: true }
`,
        );
      },
    },
  });
  await duties.reader.look(`${shops}`.repeat(40));
  // None is due.
  await duties.attest({ duty: `drill/${shop}`, release: null, outcome: "passed" });
});

const control = () =>
  backupControl({
    ...{ store, duties, clock: cronClock, now: () => now, closing: new AbortController().signal },
    ...{ shows: { backup: `backup/${shop}`, drill: `drill/${shop}` }, tell: () => undefined },
    own: { repository, drill: {} as never, places: join(folder, "drills"), watched: true },
  });

const look = async (backups = control()): Promise<string> => {
  await backups.lookAfter().catch(() => undefined);
  await backups.settled();
  const [standing] = (await duties.standings({})).filter(({ duty }) => duty.id === `backup/${shop}`);
  return `${standing?.state}: ${standing?.newest?.note ?? ""}`;
};
const said = async (duty = `backup/${shop}`): Promise<readonly string[]> =>
  (await duties.evidence({ duty, release: null, limit: 50 }))
    .map(({ outcome, note }) => `${outcome}: ${note}`)
    .toReversed();

const read = "2026-11-20T02:20:00.000Z, read from the repository";
const hole = "000000010000000000000003 of the archived log is missing";

test("a hole in the log of a backup is never passed over, and is told of once", async () => {
  missing = [hole];
  const backups = control();
  expect(await look(backups)).toBe(`failing: ${hole}`);
  now += 60_000;
  expect(await look(backups)).toBe(`failing: ${hole}`);
  expect(asked).toBe(1);
  // Another daemon has looked at nothing yet.
  expect(await look()).toBe(`failing: ${hole}`);
  expect(await said()).toEqual([`failed: ${hole}`]);
  missing = [];
  now += 600_000;
  expect(await look(backups)).toBe(`ok: ${read}`);
  expect(await look(backups)).toBe(`ok: ${read}`);
  expect(await said()).toEqual([`failed: ${hole}`, `passed: ${read}`]);
});

test("a repository that was away and is there again counts again, and says so once", async () => {
  const backups = control();
  expect(await look(backups)).toBe(`ok: ${read}`);
  problem = "the disk is away";
  now += 60_000;
  expect(await look(backups)).toBe("failing: the disk is away");
  expect(await look(backups)).toBe("failing: the disk is away");
  problem = null;
  now += 60_000;
  expect(await look(backups)).toBe(`ok: ${read}`);
  expect(await said()).toEqual([`passed: ${read}`, "failed: the disk is away", `passed: ${read}`]);
});

test("the backup of an earlier night makes up for none that was missed", async () => {
  const backups = control();
  await look(backups);
  now = Date.parse("2026-11-21T03:00:00.000Z");
  problem = "the disk is away";
  await look(backups);
  problem = null;
  for (let times = 0; times < 3; times++) {
    now += 60_000;
    expect(await look(backups)).toBe("failing: the disk is away");
  }
  expect(await said()).toEqual([`passed: ${read}`, "failed: the disk is away"]);
  there = [...there, backupOf("2026-11-21T04:00:00.000Z")];
  now = Date.parse("2026-11-21T04:01:00.000Z");
  expect(await look(backups)).toMatch(/^ok: 2026-11-21T04/u);
});

test("a copy that somebody else pulls is overdue once it lags behind for more than a day, and is well with the next that comes", async () => {
  grace = "24h";
  await duties.reader.look("c".repeat(40));
  const backups = control();
  expect(await look(backups)).toMatch(/^(?:ok|due): /u);
  // The night of the 21st brought none.
  now = Date.parse("2026-11-22T02:15:00.000Z");
  expect(await look(backups)).toMatch(/^due: /u);
  now += 1;
  expect(await look(backups)).toMatch(/^overdue: /u);
  there = [...there, backupOf("2026-11-22T02:20:00.000Z")];
  now = Date.parse("2026-11-22T03:00:00.000Z");
  expect(await look(backups)).toMatch(/^ok: 2026-11-22T02:20/u);
});

test("a drill that failed is red although its daemon was killed before it said so", async () => {
  const number = await beginDrill(store, repository.label, "ada");
  const step = { step: "restore", outcome: "failed", why: "its bytes have changed", startedAt: "", took: 1, facts: {} };
  await keepDrill(store, number, { snapshot: null, steps: [step as never] }, true);
  now = Date.now();
  await look();
  expect((await said(`drill/${shop}`)).at(-1)).toBe("failed: failed at restore: its bytes have changed");
});
