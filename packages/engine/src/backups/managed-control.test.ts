import type { ManagedBackups, ManagedRestore } from "@fairway/core";
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
