import type { BackupSnapshot, ManagedBackups, ManagedRestore } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { expect, test } from "vitest";
import type { DutyControl } from "../duties/duty-control.ts";
import { managedControl } from "./managed-control.ts";

const restore: ManagedRestore = {
  ...{ id: "job-1", backup: "r1", outcome: "none", why: "AWS restored it; nobody has looked at it" },
  ...{ startedAt: "2026-11-22T10:00:00.000Z", endedAt: "2026-11-22T10:20:00.000Z" },
};

/** A cloud's backups whose last restore is that, with what was said of the drill last. */
function looking(said: object | null) {
  const told: unknown[] = [];
  const shown: unknown[] = [];
  const backups: ManagedBackups = {
    label: "recovery points",
    snapshots: async () => [],
    begin: async () => undefined,
    restores: async () => [restore],
    looked: async (...of) => void told.push(of),
  };
  const duties = {
    standings: async () => [{ duty: { id: "drill/db" }, newest: said }],
    attest: async (evidence: object) => void shown.push(evidence),
  } as unknown as DutyControl;
  const control = managedControl({
    ...{ name: "db", backups, duties, watched: true, copyWithin: null, now: () => Date.parse("2026-11-22T12:00:00Z") },
    clock: undefined as never,
  });
  return { control, told, shown };
}

test("what a person saw of a restore is told to who made it, and not said over", async () => {
  const { control, told, shown } = looking({
    ...{ outcome: "failed", automation: null, note: "the table of orders is empty" },
    observedAt: "2026-11-22T11:00:00.000Z",
  });
  await control.lookAfter();
  expect(told).toEqual([["job-1", { ok: false, why: "the table of orders is empty" }]]);
  expect(shown).toEqual([]);
});

test.each([
  ["nobody", null],
  ["a program", { outcome: "passed", automation: "script", note: "n", observedAt: "2026-11-22T11:00:00.000Z" }],
  ["a person before", { outcome: "passed", automation: null, note: "n", observedAt: "2026-11-22T09:00:00.000Z" }],
])("what %s has said is no look at it, and a restore alone shows a part", async (_who, said) => {
  const { control, told, shown } = looking(said);
  await control.lookAfter();
  expect(told).toEqual([]);
  expect(shown).toMatchObject([{ duty: "drill/db", outcome: "partial" }]);
});

const point = (id: string, endedAt: string): BackupSnapshot => ({
  ...{ id, startedAt: endedAt, endedAt, bytes: 1, kind: "full", encrypted: true },
  ...{ identity: null, position: null, serverVersion: null },
});

/** Looks after backups whose recovery points and copy are what they say; answers with what was put on record. */
function recording(backups: Pick<ManagedBackups, "snapshots" | "newestCopy">, copyWithin: number | null = null) {
  const shown: Readonly<Record<string, unknown>>[] = [];
  const duties = {
    standings: async () => [{ duty: { id: "backup/db" }, newest: shown.at(-1) ?? null }],
    attest: async (evidence: Readonly<Record<string, unknown>>) => void shown.push(evidence),
  } as unknown as DutyControl;
  const control = managedControl({
    backups: { label: "recovery points", begin: async () => undefined, restores: async () => [], ...backups },
    ...{ name: "db", duties, watched: true, copyWithin, now: () => Date.parse("2026-11-22T12:00:00Z") },
    clock: undefined as never,
  });
  return { control, shown };
}

test("a copy that never was is missed, however new the newest recovery point is", async () => {
  const there = [point("r1", "2026-11-22T08:00:00.000Z"), point("r2", "2026-11-22T11:59:00.000Z")];
  const { control, shown } = recording({ snapshots: async () => there, newestCopy: async () => null }, 3 * 3_600_000);
  await control.lookAfter();
  expect(shown).toMatchObject([{ outcome: "failed", note: "the copy has no recovery point" }]);
});

test("a refusal is on record once, whatever the ids of its requests", async () => {
  let request = 0;
  let action = "ListRecoveryPointsByBackupVault";
  const { control, shown } = recording({
    snapshots: async () => {
      const said = `backup:${action} in eu-central-1: refused at 20261122T12000${request}Z`;
      throw new FairwayError("denied", `${said} (request 6b1f-${++request})`);
    },
  });
  await control.lookAfter();
  await control.lookAfter();
  expect(shown).toHaveLength(1);
  action = "ListCopyJobs";
  await control.lookAfter();
  expect(shown).toHaveLength(2);
});

test("what passes by itself is told to whoever looked, and is no evidence", async () => {
  const { control, shown } = recording({
    snapshots: async () => {
      throw new FairwayError("target_unreachable", "AWS did not answer", { retryable: true });
    },
  });
  await expect(control.lookAfter()).rejects.toMatchObject({ code: "target_unreachable" });
  expect(shown).toEqual([]);
});
