import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReleaseId, RunId } from "../ids.ts";
import type { DoraFigures, LedgerDeployment } from "./dora.ts";
import { doraOf } from "./dora.ts";

const hour = 3_600_000;
const day = 24 * hour;
const noon = Date.parse("2026-01-10T12:00:00.000Z");
const window = { environment: "production", service: null, from: noon - 7 * day, to: noon };

let run = 0;
/** A deployment to production that took ten minutes and ended so many hours before noon. */
const deployed = (hoursAgo: number, over: Partial<LedgerDeployment> = {}): LedgerDeployment => ({
  run: `run-${++run}` as RunId,
  environment: "production",
  release: "r2" as ReleaseId,
  from: "r1" as ReleaseId,
  reason: "deploy",
  outcome: "deployed",
  restored: null,
  beganAt: noon - hoursAgo * hour - hour / 6,
  endedAt: noon - hoursAgo * hour,
  services: ["api"],
  changes: [],
  ...over,
});
const figures = (ledger: readonly LedgerDeployment[], over: Partial<typeof window> = {}): DoraFigures =>
  doraOf(ledger, { ...window, ...over });

describe("deployment frequency", () => {
  test("counts what was carried through, and neither rollbacks nor what changed nothing", () => {
    const ledger = [
      deployed(1),
      deployed(30),
      deployed(31, { outcome: "untouched" }),
      deployed(32, { outcome: "superseded" }),
      deployed(33, { reason: "rollback" }),
      deployed(34, { environment: "staging" }),
      deployed(200),
    ];
    expect(figures(ledger)).toMatchObject({ deployed: 2, perDay: 2 / 7 });
  });
});

describe("lead time", () => {
  test("is from each commit until it ran there, the first time only", () => {
    const changes = [
      { sha: "a", at: noon - 5 * hour },
      { sha: "b", at: noon - 3 * hour },
      { sha: "c", at: noon - 2 * hour },
    ];
    const again = deployed(0.5, { changes });
    expect(figures([deployed(1, { changes }), again]).leadTime).toEqual({
      median: 2 * hour,
      p90: 4 * hour,
      changes: 3,
    });
  });

  test("is never less than nothing, whatever a committer's clock says", () => {
    expect(figures([deployed(1, { changes: [{ sha: "a", at: noon }] })]).leadTime.median).toBe(0);
  });
});

describe("failures", () => {
  test("are what did not come to its end, and what a rollback took back", () => {
    const ledger = [
      deployed(50),
      deployed(40, { outcome: "rolled-back", restored: true }),
      deployed(30, { release: "r3" as ReleaseId }),
      deployed(28, { reason: "rollback", from: "r3" as ReleaseId, release: "r2" as ReleaseId }),
      deployed(20, { release: "r4" as ReleaseId }),
    ];
    const found = figures(ledger);
    expect(found.changeFailure).toEqual({ part: 2, whole: 4, rate: 0.5 });
    // Ten minutes until the one was back, two hours until the other was.
    expect(found.recovery).toEqual({ median: hour / 6, recovered: 2, open: 0 });
    // The rollback, and what was brought after each failure.
    expect(found.rework).toEqual({ part: 3, whole: 5, rate: 0.6 });
  });

  test("that nothing has mended yet are open", () => {
    const found = figures([deployed(10, { outcome: "unknown", restored: false })]);
    expect(found.recovery).toEqual({ median: null, recovered: 0, open: 1 });
    const mended = figures([deployed(10, { outcome: "unknown", restored: false }), deployed(8)]);
    expect(mended.recovery).toMatchObject({ median: 2 * hour + hour / 6, open: 0 });
  });
});

test("where nothing happened there are no rates and no times, but all days", () => {
  const found = figures([]);
  expect([found.leadTime.median, found.changeFailure.rate, found.recovery.median, found.rework.rate]).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(found.days.map(({ day: name }) => name)).toEqual(
    ["03", "04", "05", "06", "07", "08", "09", "10"].map((one) => `2026-01-${one}`),
  );
});

const ids = ["r1", "r2", "r3"].map((id) => id as ReleaseId);
const anything = fc
  .array(
    fc.record({
      hoursAgo: fc.integer({ min: -20, max: 300 }),
      environment: fc.constantFrom("production", "staging"),
      release: fc.constantFrom(...ids),
      from: fc.constantFrom(null, ...ids),
      reason: fc.constantFrom("deploy", "promotion", "rollback"),
      outcome: fc.constantFrom("deployed", "rolled-back", "superseded", "stalled", "unknown", "untouched"),
      restored: fc.constantFrom(null, true, false),
      services: fc.subarray(["api", "web"]),
      commits: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
    }),
    { maxLength: 25 },
  )
  .map((all) =>
    all.map(({ hoursAgo, commits, ...over }, index) =>
      deployed(hoursAgo, {
        ...over,
        run: `run-${index + 1}` as RunId,
        changes: commits.map((sha) => ({ sha: String(sha), at: noon - 400 * hour + sha * hour })),
      }),
    ),
  );
const asked = fc.record({
  environment: fc.constant("production"),
  service: fc.constantFrom(null, "api"),
  from: fc.integer({ min: 0, max: 9 }).map((days) => noon - days * day),
  to: fc.constant(noon + day),
});
const runs = { numRuns: 150 };

test("a part is never more than its whole, and what failed or was reworked is told of", () => {
  fc.assert(
    fc.property(anything, asked, (ledger, question) => {
      const { changeFailure, rework, recovery, deployed: carried, leadTime } = doraOf(ledger, question);
      for (const { part, whole, rate } of [changeFailure, rework]) {
        expect(part).toBeLessThanOrEqual(whole);
        expect(rate).toBe(whole === 0 ? null : part / whole);
      }
      expect(recovery.recovered + recovery.open).toBe(changeFailure.part);
      expect(carried).toBeLessThanOrEqual(changeFailure.whole);
      expect((leadTime.p90 ?? 0) >= (leadTime.median ?? 0)).toBe(true);
    }),
    runs,
  );
});

test("the days of a window add up to it, and so do two windows side by side", () => {
  fc.assert(
    fc.property(anything, asked, (ledger, question) => {
      const whole = doraOf(ledger, question);
      const sum = (key: "deployed" | "failed"): number => whole.days.reduce((total, one) => total + one[key], 0);
      expect([sum("deployed"), sum("failed")]).toEqual([whole.deployed, whole.changeFailure.part]);
      const middle = Math.floor((question.from + question.to) / 2);
      const [first, second] = [
        doraOf(ledger, { ...question, to: middle }),
        doraOf(ledger, { ...question, from: middle }),
      ];
      expect(first.deployed + second.deployed).toBe(whole.deployed);
      expect(first.rework.part + second.rework.part).toBe(whole.rework.part);
      expect(first.leadTime.changes + second.leadTime.changes).toBe(whole.leadTime.changes);
    }),
    runs,
  );
});

test("neither the order of the ledger nor other environments change anything", () => {
  fc.assert(
    fc.property(anything, asked, fc.nat(), (ledger, question, seed) => {
      const shuffled = ledger.toSorted(
        (a, b) => ((Number(a.run.slice(4)) * 7919 + seed) % 31) - ((Number(b.run.slice(4)) * 7919 + seed) % 31),
      );
      const own = shuffled.filter(({ environment }) => environment === "production");
      expect(doraOf(own, question)).toEqual(doraOf(ledger, question));
    }),
    runs,
  );
});
