import { expect, test } from "vitest";
import { proposedSeverity, usualSeverities } from "../incident/severity-table.ts";
import { atPointer, figureOf, kpiState } from "./content-runs.ts";
import { disclosureState } from "./disclosure.ts";
import { noticeStanding } from "./release-pack.ts";

const hour = 3_600_000;
const at = (millis: number): string => new Date(millis).toISOString();

test("a notice counts 24 hours after the last role has its pack, to the millisecond", () => {
  const pack = { to: ["support-lead", "compliance-advisor"], wait: 24 * hour };
  const receipts = [
    { role: "support-lead", by: "sam", at: at(0) },
    { role: "compliance-advisor", by: "camille", at: at(hour) },
    { role: "support-lead", by: "sam", at: at(20 * hour) },
  ];
  const why = "compliance-advisor does not have its pack";
  expect(noticeStanding(pack, receipts.slice(0, 1), 100 * hour)).toEqual({ state: "unknown", why, from: null });
  expect(noticeStanding(pack, [], 0).why).toBe("support-lead and compliance-advisor do not have its pack");
  expect(noticeStanding(pack, receipts, 25 * hour - 1).state).toBe("due");
  expect(noticeStanding(pack, receipts, 25 * hour).state).toBe("ok");
});

test("texts fail, then wait for somebody's yes, then have it until they change", () => {
  const finding = { file: "a.md", line: 1, code: "missing", message: "" } as const;
  expect(disclosureState({ digest: "one", findings: [finding] }, "one")).toBe("failure");
  expect(disclosureState({ digest: "one", findings: [] }, null)).toBe("action_required");
  expect(disclosureState({ digest: "one", findings: [] }, "one")).toBe("success");
  expect(disclosureState({ digest: "two", findings: [] }, "one")).toBe("action_required");
});

test("a figure that nobody has is unmeasured, and never well", () => {
  const target = { atLeast: 0.4, atMost: null };
  expect(kpiState(target, null)).toBe("unmeasured");
  expect(kpiState(target, Number.NaN)).toBe("unmeasured");
  expect(kpiState(target, 0.4)).toBe("met");
  expect(kpiState(target, 0.39)).toBe("missed");
  expect(figureOf(atPointer({ data: [{ "a/b": "0.5" }] }, "/data/0/a~1b"))).toBe(0.5);
  expect([figureOf("n/a"), figureOf(null), figureOf(""), figureOf(atPointer({}, "/value"))]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("words make a severity worse and never better, and the rule is told", () => {
  const table = { ...usualSeverities, words: [{ any: ["cannot log in"], impact: "outage", scope: "all" } as const] };
  const said = { impact: "minor", scope: "one" } as const;
  expect(proposedSeverity(table, { ...said, text: "A typo" })).toMatchObject({ severity: 4, rule: "minor for one" });
  expect(proposedSeverity(table, { ...said, text: "Users CANNOT, log in!" })).toMatchObject({
    severity: 1,
    rule: '"cannot log in": outage for all',
  });
  expect(proposedSeverity(table, { ...said, text: "they cannot log into" }).severity).toBe(4);
});
