import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReleaseId } from "../ids.ts";
import type { DutyState } from "./duty.ts";
import { dutyStates } from "./duty.ts";
import { matrixInMarkdown, matrixOf } from "./duty-matrix.ts";
import { reminderOn } from "./duty-reminder.ts";
import { fitsSelector } from "./duty-selector.ts";
import type { DutyStanding } from "./duty-standing.ts";
import type { GateQuestion } from "./gate-decision.ts";
import { gateDecisionOf } from "./gate-decision.ts";
import { duty, plan, shown } from "./testing/duties.ts";
import { waiverObstacle } from "./waiver.ts";

const stands = (id: string, state: DutyState, given: Partial<DutyStanding> = {}): DutyStanding => ({
  duty: duty({ id }),
  state,
  why: state,
  dueAt: null,
  newest: null,
  waiver: null,
  ...given,
});
const waiver = {
  number: 1,
  duty: "drill/db",
  release: null,
  because: "the disk is being replaced",
  by: "bob",
  at: "2026-01-01T00:00:00.000Z",
  until: "2026-01-03T00:00:00.000Z",
};
const gated = plan({
  gates: [{ environment: "production", require: ["drill/*", "content:disclosure"], mode: "block", owner: "cto" }],
});
const asked = (given: Partial<GateQuestion>): GateQuestion => ({
  plan: gated,
  environment: "production",
  release: "r42" as ReleaseId,
  reason: "deploy",
  remedies: [],
  standings: [stands("drill/db", "ok"), stands("content:disclosure", "ok")],
  ...given,
});

test("an environment takes a release when all that its gate names is well", () => {
  expect(gateDecisionOf(asked({}))).toMatchObject({ ready: true, sentence: "Production can take r42." });
});

test("what is failing, overdue or unknown keeps it out, and says so in one sentence", () => {
  for (const state of ["failing", "overdue", "unknown"] as const) {
    const found = gateDecisionOf(
      asked({ standings: [stands("drill/db", state), stands("content:disclosure", "due")] }),
    );
    expect(found).toMatchObject({ ready: false, sentence: `Production cannot take r42: drill/db – ${state}.` });
  }
});

test("a pattern that fits no duty keeps it out", () => {
  expect(gateDecisionOf(asked({ standings: [stands("content:disclosure", "ok")] })).sentence).toContain(
    "drill/* – no duty fits this",
  );
});

test("a way back is never kept out, whatever is red", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...(Object.keys(dutyStates) as DutyState[]))), (states) => {
      const standings = states.map((state, index) => stands(`drill/${index}`, state));
      expect(gateDecisionOf(asked({ reason: "rollback", standings })).ready).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("the answer does not hang on the order in which it is asked", () => {
  const standings = ["a", "b", "c", "d"].map((name, index) =>
    stands(`drill/${name}`, index % 2 === 0 ? "ok" : "overdue"),
  );
  fc.assert(
    fc.property(fc.shuffledSubarray(standings, { minLength: standings.length }), (shuffled) => {
      expect(gateDecisionOf(asked({ standings: shuffled }))).toEqual(gateDecisionOf(asked({ standings })));
    }),
    { numRuns: 50 },
  );
});

test("a waiver, a remedy and a gate that only warns let it pass, and are told", () => {
  const red = [stands("drill/db", "failing"), stands("content:disclosure", "ok")];
  const waived = [stands("drill/db", "failing", { waiver }), stands("content:disclosure", "ok")];
  const other = [
    stands("drill/db", "failing", { waiver: { ...waiver, release: "r41" } }),
    stands("content:disclosure", "ok"),
  ];
  const passedBy = (given: Partial<GateQuestion>): unknown => gateDecisionOf(asked(given)).rows.at(-1)?.passedBy;
  expect(passedBy({ standings: waived })).toBe("waiver");
  expect(passedBy({ standings: other })).toBeNull();
  expect(passedBy({ standings: red, remedies: ["drill/db"] })).toBe("remedy");
  const warns = plan({ gates: gated.gates.map((gate) => ({ ...gate, mode: "warn" as const })) });
  expect(gateDecisionOf(asked({ plan: warns, standings: red }))).toMatchObject({ ready: true });
});

test("a star stands for anything and everything else for itself", () => {
  expect(fitsSelector("credential/*@production:*", "credential/stripe@production:rotate")).toBe(true);
  expect(fitsSelector("credential/*@production:*", "credential/stripe@staging:rotate")).toBe(false);
  expect(fitsSelector("drill", "drill/db")).toBe(false);
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[ab]{0,3}$/), { minLength: 1, maxLength: 4 }),
      fc.stringMatching(/^[ab]{0,8}$/),
      (parts, id) => {
        const expected = new RegExp(`^${parts.join(".*")}$`).test(id);
        expect(fitsSelector(parts.join("*"), id)).toBe(expected);
      },
    ),
    { numRuns: 300 },
  );
});

const now = Date.parse("2026-01-01T00:00:00.000Z");
const hour = 3_600_000;
test("a waiver ends, says why, and is not given by somebody who owes the duty or gains by it", () => {
  const holding = plan({ duties: [duty({ id: "drill/db" })] });
  const wish = { duty: "drill/db", because: waiver.because, until: now + hour, by: ["bob"], gaining: ["carl"] };
  expect(waiverObstacle(wish, holding, now)).toBeNull();
  expect(waiverObstacle({ ...wish, until: null }, holding, now)).toContain("without an end");
  expect(waiverObstacle({ ...wish, until: now + 169 * hour }, holding, now)).toContain("168 hours");
  expect(waiverObstacle({ ...wish, until: now }, holding, now)).toContain("over already");
  expect(waiverObstacle({ ...wish, because: "because" }, holding, now)).toContain("20 characters");
  expect(waiverObstacle({ ...wish, by: ["ada"] }, holding, now)).toContain("whoever owes");
  expect(waiverObstacle({ ...wish, gaining: ["bob"] }, holding, now)).toContain("does not waive");
  expect(waiverObstacle({ ...wish, by: ["eve"] }, holding, now)).toBe("only cto may");
  expect(waiverObstacle({ ...wish, duty: "drill/x" }, holding, now)).toBe("there is no duty drill/x");
});

test("an owner hears of it on the days that were said, on the day, and daily from then on", () => {
  const due = "2026-01-31T23:59:59.999Z";
  const days = Array.from({ length: 35 }, (_, index) => index + 1).filter((day) => {
    const at = Date.parse("2026-01-01T08:00:00.000Z") + (day - 1) * 24 * hour;
    return reminderOn(stands("drill/db", day > 31 ? "overdue" : "due", { dueAt: due }), at) !== null;
  });
  expect(days).toEqual([17, 24, 30, 31, 32, 33, 34, 35]);
  expect(reminderOn(stands("drill/db", "failing", { waiver }), now)).toBeNull();
});

test("the matrix has a row for each task with its newest evidence and what is due first", () => {
  const task = { task: "Drills | restores", automation: "fairway" };
  const rows = matrixOf([
    stands("a", "ok", {
      duty: duty({ id: "a", ...task }),
      newest: shown("2026-01-05T00:00:00.000Z"),
      dueAt: "2026-03-01T23:59:59.999Z",
    }),
    stands("b", "overdue", { duty: duty({ id: "b", ...task, owner: "cto" }), dueAt: "2026-02-01T23:59:59.999Z" }),
    stands("c", "ok"),
  ]);
  expect(rows).toMatchObject([
    {
      owners: ["lead", "cto"],
      last: { duty: "a" },
      nextDue: "2026-02-01T23:59:59.999Z",
      states: { ok: 1, overdue: 1 },
    },
  ]);
  expect(matrixInMarkdown(rows)).toContain(
    "| Drills \\| restores | lead, cto | fairway | passed 2026-01-05 by fairway (a) | 2026-02-01 |",
  );
  const ofRelease = { ...shown("2026-01-06T00:00:00.000Z"), release: "r7" };
  expect(
    matrixInMarkdown(matrixOf([stands("n", "ok", { duty: duty({ id: "n", ...task }), newest: ofRelease })])),
  ).toContain("| passed 2026-01-06 by fairway (n of r7) | – |");
});
