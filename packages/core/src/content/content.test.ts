import { expect, test } from "vitest";
import { proposedSeverity, usualSeverities } from "../incident/severity-table.ts";
import type { EducationAsset } from "./content-runs.ts";
import { atPointer, figureObstacle, figureOf, kpiState } from "./content-runs.ts";
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

test("nobody's word alone shows that users learn: it brings the figure, and the figure is as it should be", () => {
  const asset = { id: "faq", title: "Questions", owner: "lead", at: "faq.md" };
  const measured = { ...asset, kpi: { name: "answered", atLeast: 0.4, atMost: 0.9 } };
  const word = (facts: Readonly<Record<string, unknown>>, of: EducationAsset = measured): string | null =>
    figureObstacle([of], "education:faq", facts);
  expect(word({ value: 0.5 })).toBeNull();
  expect(word({})).toBe("answered is unmeasured, which is never well");
  expect(word({ value: "plenty" })).toBe("answered is unmeasured, which is never well");
  expect(word({ value: 0.1 })).toBe("answered is 0.1, and should be at least 0.4 and at most 0.9");
  expect(word({ value: 1 }, { ...asset, kpi: null })).toContain("nobody has said how faq is measured");
  expect(figureObstacle([measured], "drill/db", {})).toBeNull();
});
