import { expect, test } from "vitest";
import type { Evidence } from "../evidence/evidence.ts";
import type { Cadence, Duty } from "./duty.ts";
import type { DutyRun } from "./duty-run.ts";
import { standingOf } from "./duty-standing.ts";
import { scheduledSlot } from "./scheduled-slot.ts";

const roles = [{ name: "lead", people: [{ name: "ada", until: null }] }];
const day = 86_400_000;
/** Every day at midnight. */
const clock = {
  before: (_cron: string, at: number): number => Math.floor(at / day) * day,
  after: (_cron: string, at: number): number => (Math.floor(at / day) + 1) * day,
};

const command = { kind: "command", argv: ["true"], timeout: 1, secrets: {}, scheduled: true } as const;
const rotation: DutyRun = {
  ...({ kind: "rotation", driver: "postgres-role", store: "A", admin: "B", consumed: false } as const),
  scheduled: true,
};

function standsOf(
  cadence: Cadence,
  now: string,
  last?: { readonly outcome: "passed" | "failed" | "partial"; readonly at: string },
  { run = command, owner = "lead" }: { readonly run?: DutyRun; readonly owner?: string } = {},
) {
  const duty = {
    ...{ id: "one", title: "One", owner, escalation: [], environment: null, cadence, grace: 0, warnings: [] },
    ...{ task: null, automation: null, digest: null, place: { file: "ops/duties.yaml", line: 1 } },
    run,
  } as const satisfies Duty;
  const newest = last === undefined ? null : ({ outcome: last.outcome, observedAt: last.at, note: "" } as Evidence);
  const passed = newest?.outcome === "passed" ? ({ ...newest, validUntil: null } as Evidence) : null;
  const at = Date.parse(now);
  const standing = standingOf(duty, { passed, newest, waivers: [] }, roles, at, clock);
  return { why: standing.why, slot: scheduledSlot(standing, "2026-01-05", at, clock) };
}
const slotOf = (...given: Parameters<typeof standsOf>): string | null => standsOf(...given).slot;

const daily: Cadence = { kind: "cron", cron: "0 0 * * *", from: "2026-01-01" };
const weekly: Cadence = { kind: "anchored", every: { months: 0, days: 7 }, from: "2026-01-07" };
const rolling: Cadence = { kind: "rolling", every: { months: 0, days: 7 }, from: "2026-01-07" };

test("the newest time that has come is caught up with, once, and none from before it was owed", () => {
  expect(slotOf(daily, "2026-01-20T10:00:00.000Z")).toBe("2026-01-20T00:00:00.000Z");
  expect(slotOf(daily, "2026-01-20T10:00:00.000Z", { outcome: "passed", at: "2026-01-20T00:10:00.000Z" })).toBeNull();
  expect(slotOf(daily, "2026-01-20T10:00:00.000Z", { outcome: "failed", at: "2026-01-20T00:10:00.000Z" })).toBe(
    "2026-01-20T00:00:00.000Z",
  );
  expect(slotOf(daily, "2026-01-04T10:00:00.000Z")).toBeNull();
});

test("a day of a calendar is begun on that day, and not before", () => {
  expect(slotOf(weekly, "2026-01-06T23:59:59.999Z")).toBeNull();
  expect(slotOf(weekly, "2026-01-07T00:00:00.000Z")).toBe("2026-01-07");
  expect(slotOf(weekly, "2026-01-30T00:00:00.000Z")).toBe("2026-01-28");
  expect(slotOf(weekly, "2026-01-30T00:00:00.000Z", { outcome: "passed", at: "2026-01-28T01:00:00.000Z" })).toBeNull();
});

test("what rolls is begun when it is due, and after a failure once a day", () => {
  expect(slotOf(rolling, "2026-01-07T01:00:00.000Z")).toBe("2026-01-07");
  expect(slotOf(rolling, "2026-01-12T01:00:00.000Z", { outcome: "passed", at: "2026-01-08T01:00:00.000Z" })).toBeNull();
  expect(slotOf(rolling, "2026-01-15T01:00:00.000Z", { outcome: "passed", at: "2026-01-08T01:00:00.000Z" })).toBe(
    "2026-01-15",
  );
  expect(slotOf(rolling, "2026-01-15T09:00:00.000Z", { outcome: "failed", at: "2026-01-15T01:00:00.000Z" })).toBeNull();
  expect(slotOf(rolling, "2026-01-16T01:00:00.000Z", { outcome: "failed", at: "2026-01-15T01:00:00.000Z" })).toBe(
    "2026-01-16",
  );
});

test("an exchange that was not made whole is not begun again by itself, at none of its times, until a person has made it so", () => {
  const [half, whole] = [
    { outcome: "partial", at: "2026-01-08T01:00:00.000Z" },
    { outcome: "passed", at: "2026-01-08T01:00:00.000Z" },
  ] as const;
  for (const cadence of [daily, weekly, rolling]) {
    expect(slotOf(cadence, "2026-01-29T01:00:00.000Z", whole, { run: rotation })).not.toBeNull();
    const { slot, why } = standsOf(cadence, "2026-01-29T01:00:00.000Z", half, { run: rotation });
    expect([slot, why]).toEqual([null, "only a part of it was done on 2026-01-08; it is not begun again by itself"]);
    // Nor is one whose owner is gone.
    expect(slotOf(cadence, "2026-01-29T01:00:00.000Z", whole, { run: rotation, owner: "gone" })).toBeNull();
  }
});
