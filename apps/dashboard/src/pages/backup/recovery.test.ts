import type { BackupRepositoryShape } from "@fairway/api";
import { expect, test } from "vitest";
import { recoveryBars, wrongWith } from "./recovery.ts";

const at = "2026-11-01T00:00:00.000Z";
const drill: BackupRepositoryShape["drills"][number] = {
  ...{ number: 1, beganAt: at, endedAt: at, by: "ops", backup: "b1", note: "" },
  ...{ outcome: "passed", failedStep: null, rto: 40_000, rpo: 10_000 },
};
const repository: BackupRepositoryShape = {
  ...{ name: "shop", environment: "production", driver: "pgbackrest", label: "a bucket", watched: false },
  ...{ problem: null, backups: [], owed: [], drills: [] },
};

test("bars are parts of the longest time, the oldest drill first, without one that goes on", () => {
  const drills = [
    { ...drill, number: 3, endedAt: null, outcome: null, rto: null, rpo: null },
    { ...drill, number: 2, rto: 80_000, rpo: null },
    drill,
  ];
  expect(recoveryBars(drills)).toEqual([
    { number: 1, rto: 0.5, rpo: 0.125 },
    { number: 2, rto: 1, rpo: null },
  ]);
  expect(recoveryBars([])).toEqual([]);
});

test("a repository without a backup is wrong, and one that cannot be read is not said to be empty", () => {
  expect(wrongWith(repository)).toEqual(["shop has no backup yet"]);
  expect(wrongWith({ ...repository, problem: "no such bucket" })).toEqual(["shop cannot be read: no such bucket"]);
  expect(wrongWith({ ...repository, label: null })).toEqual([]);
});

test("what nobody has shown is wrong as well as what is overdue, and what is only due is not", () => {
  const owed = (["ok", "due", "overdue", "failing", "unknown"] as const).map((state) => ({
    ...{ duty: `backup/${state}`, state, why: "", dueAt: null },
  }));
  expect(wrongWith({ ...repository, label: null, owed })).toEqual([
    "backup/overdue is overdue",
    "backup/failing is failing",
    "backup/unknown is unknown",
  ]);
});

test("the last drill that ended counts, not one that goes on nor those before", () => {
  const failed = { ...drill, number: 2, outcome: "failed", failedStep: "replay" } as const;
  const goesOn = { ...drill, number: 3, outcome: null, endedAt: null };
  const of = (drills: BackupRepositoryShape["drills"]) => wrongWith({ ...repository, label: null, drills });
  expect(of([goesOn, failed, drill])).toEqual(["drill 2 of shop failed at replay"]);
  expect(of([{ ...drill, number: 4 }, failed])).toEqual([]);
});
