import fc from "fast-check";
import { expect, test } from "vitest";
import type { Evidence } from "../evidence/evidence.ts";
import type { Duty } from "./duty.ts";
import { settledSlots, slotsBetween } from "./duty-slots.ts";
import type { DutyStanding } from "./duty-standing.ts";
import { standingOf } from "./duty-standing.ts";
import { duty, hours, onRecord, roles, shown } from "./testing/duties.ts";

const at = (time: string): number => Date.parse(time);
const standing = (of: Duty, now: string, passed: Evidence | null = null, newest = passed): DutyStanding =>
  standingOf(of, onRecord(passed, newest), roles, at(now), hours);
const state = (...given: Parameters<typeof standing>): string => standing(...given).state;

test("what was never shown is unknown until its day is over, and overdue then", () => {
  expect(state(duty(), "2026-01-31T23:59:59.999Z")).toBe("unknown");
  expect(state(duty(), "2026-02-01T00:00:00.000Z")).toBe("overdue");
});

test("a day is kept through its last millisecond, and grace is after that", () => {
  const passed = shown("2026-01-30T10:00:00.000Z");
  expect(state(duty(), "2026-04-01T00:00:00.000Z", passed)).toBe("ok");
  expect(state(duty(), "2026-04-17T00:00:00.000Z", passed)).toBe("due");
  expect(state(duty(), "2026-04-30T23:59:59.999Z", passed)).toBe("due");
  expect(state(duty(), "2026-05-01T00:00:00.000Z", passed)).toBe("overdue");
  expect(state(duty({ grace: 86_400_000 }), "2026-05-01T00:00:00.000Z", passed)).toBe("due");
});

test("what is owed on days that are counted from one is shown early for the next of them", () => {
  expect(standing(duty(), "2026-04-21T00:00:00.000Z", shown("2026-04-20T10:00:00.000Z")).dueAt).toBe(
    "2026-07-31T23:59:59.999Z",
  );
});

test("what is owed so long after the last time is counted from that", () => {
  const rolling = duty({ cadence: { kind: "rolling", every: { months: 0, days: 180 }, from: "2026-01-01" } });
  expect(standing(rolling, "2026-09-02T00:00:00.000Z", shown("2026-09-01T10:00:00.000Z"))).toMatchObject({
    state: "ok",
    dueAt: "2027-02-28T23:59:59.999Z",
  });
});

test("what failed last is failing whatever passed before, and a part is not the whole", () => {
  const passed = shown("2026-04-20T10:00:00.000Z");
  for (const outcome of ["failed", "partial"] as const)
    expect(state(duty(), "2026-04-22T00:00:00.000Z", passed, shown("2026-04-21T10:00:00.000Z", { outcome }))).toBe(
      "failing",
    );
});

test("what ends by itself is due from its first warning on, overdue once it has ended, and no word makes it longer", () => {
  const token = duty({ cadence: { kind: "until", end: "2026-03-20T10:00:00.000Z" } });
  const words = shown("2026-03-19T10:00:00.000Z");
  expect(state(token, "2026-03-05T23:59:59.999Z")).toBe("ok");
  for (const now of ["2026-03-06T00:00:00.000Z", "2026-03-20T09:59:59.999Z"])
    expect(standing(token, now, words)).toMatchObject({
      ...{ state: "due", why: "it ends on 2026-03-20", dueAt: "2026-03-20T10:00:00.000Z" },
    });
  expect(standing(token, "2026-03-20T10:00:00.000Z", words)).toMatchObject({
    ...{ state: "overdue", why: "it ended on 2026-03-20" },
  });
});

test("what Fairway sees itself stands so, whatever is on record of it", () => {
  const seen = duty({ cadence: { kind: "standing" }, seen: { state: "unknown", why: "nobody has it" } });
  expect(standing(seen, "2026-02-01T00:00:00.000Z", shown("2026-01-31T10:00:00.000Z"))).toMatchObject({
    ...{ state: "unknown", why: "nobody has it", dueAt: null },
  });
});

test("a duty of a role that nobody has any more is failing", () => {
  expect(standing(duty({ owner: "gone" }), "2026-02-01T00:00:00.000Z")).toMatchObject({
    state: "failing",
    why: "nobody is gone any more",
  });
});

test("evidence of files that have changed since does not count", () => {
  const passed = shown("2026-04-20T10:00:00.000Z", { digest: "old" });
  expect(state(duty({ digest: "old" }), "2026-04-21T00:00:00.000Z", passed)).toBe("ok");
  expect(state(duty({ digest: "new" }), "2026-04-21T00:00:00.000Z", passed)).toBe("overdue");
});

test("evidence counts no longer than it says", () => {
  const passed = shown("2026-04-20T10:00:00.000Z", { validUntil: "2026-04-25T00:00:00.000Z" });
  expect(state(duty(), "2026-04-24T23:59:59.999Z", passed)).toBe("ok");
  expect(state(duty(), "2026-04-25T00:00:00.000Z", passed)).toBe("overdue");
});

test("a notice counts when a day has gone by, to the millisecond", () => {
  const notice = duty({ cadence: { kind: "release", wait: 86_400_000 } });
  const passed = shown("2026-03-28T15:00:00.000Z");
  expect(state(notice, "2026-03-28T10:00:00.000Z")).toBe("unknown");
  expect(state(notice, "2026-03-29T14:59:59.999Z", passed)).toBe("due");
  expect(state(notice, "2026-03-29T15:00:00.000Z", passed)).toBe("ok");
});

test("a wait begins when it is put on record, whatever moment whoever shows it names", () => {
  const notice = duty({ cadence: { kind: "release", wait: 86_400_000 } });
  const late = shown("2026-03-01T15:00:00.000Z", { recordedAt: "2026-03-28T15:00:00.000Z" });
  expect(state(notice, "2026-03-29T14:59:59.999Z", late)).toBe("due");
  expect(state(notice, "2026-03-29T15:00:00.000Z", late)).toBe("ok");
});

test("what always holds does until somebody says otherwise", () => {
  const incidents = duty({ cadence: { kind: "standing" } });
  expect(state(incidents, "2026-01-01T00:00:00.000Z")).toBe("ok");
  expect(
    state(incidents, "2026-01-02T00:00:00.000Z", null, shown("2026-01-01T10:00:00.000Z", { outcome: "failed" })),
  ).toBe("failing");
});

test("a time of a schedule is due when it comes and overdue when its grace is over", () => {
  const nightly = duty({ cadence: { kind: "cron", cron: "24", from: "2026-01-01" }, grace: 3_600_000 });
  const passed = shown("2026-01-02T00:20:00.000Z");
  expect(state(nightly, "2026-01-02T12:00:00.000Z", passed)).toBe("ok");
  expect(state(nightly, "2026-01-03T00:30:00.000Z", passed)).toBe("due");
  expect(state(nightly, "2026-01-03T01:00:00.001Z", passed)).toBe("overdue");
});

const moments = fc.integer({ min: at("2025-06-01T00:00:00.000Z"), max: at("2028-06-01T00:00:00.000Z") });
const some = fc.record({
  days: fc.integer({ min: 1, max: 100 }),
  graceDays: fc.integer({ min: 0, max: 20 }),
  now: moments,
  passes: fc.array(moments, { maxLength: 12 }),
});

test("a duty is overdue exactly when a slot that has closed was missed and nothing was shown since", () => {
  fc.assert(
    fc.property(some, ({ days, graceDays, now, passes }) => {
      // Less grace than the time between two, or a slot would close after the next.
      const grace = Math.min(graceDays, days - 1) * 86_400_000;
      const of = duty({ grace, cadence: { kind: "anchored", every: { months: 0, days }, from: "2026-01-31" } });
      const past = passes.filter((time) => time < now).toSorted((one, other) => one - other);
      const evidence = past.map((time) => shown(new Date(time).toISOString()));
      const last = settledSlots(slotsBetween(of, 0, now, hours), evidence, now).at(-1);
      const { state: found } = standingOf(of, onRecord(evidence.at(-1) ?? null), roles, now, hours);
      const since = past.at(-1) ?? 0;
      expect(found === "overdue").toBe(last?.outcome === "missed" && since <= last.slot.closes);
    }),
    { numRuns: 300 },
  );
});

test("every slot that is over has one outcome, however often and whenever it is looked at", () => {
  fc.assert(
    fc.property(some, fc.boolean(), ({ now, passes, days }, isCron) => {
      const cadence = isCron
        ? ({ kind: "cron", cron: String(days * 7), from: "2026-01-01" } as const)
        : ({ kind: "anchored", every: { months: 1, days: 0 }, from: "2026-01-31" } as const);
      const of = duty({ cadence, grace: 3_600_000 });
      const slots = slotsBetween(of, at("2025-12-01T00:00:00.000Z"), now, hours);
      expect(new Set(slots.map(({ name }) => name)).size).toBe(slots.length);
      const evidence = passes.map((time) => shown(new Date(time).toISOString()));
      const all = settledSlots(slots, evidence, now);
      expect(all.length).toBe(slots.filter(({ closes }) => closes < now).length);
      const inHalves = slots.flatMap((slot) => settledSlots([slot], evidence, now));
      expect(inHalves).toEqual(all);
    }),
    { numRuns: 100 },
  );
});
