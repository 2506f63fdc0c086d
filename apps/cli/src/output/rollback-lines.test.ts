import type { RollbackPlanShape } from "@fairway/api";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { actedOn, aPlan, hostile, wide } from "../testing/shapes.ts";
import { rollbackLines } from "./rollback-lines.ts";

const aRollback = (over: Partial<RollbackPlanShape> = {}): RollbackPlanShape => ({
  plan: aPlan({ reason: "rollback", release: "r1", from: "r2", approvals: 0 }),
  parts: [
    { name: "catalog", kind: "static", way: "flip", expected: 300, note: null },
    { name: "api-gateway", kind: "service", way: "redeploy", expected: 4_100, note: null },
  ],
  expected: 4_400,
  joins: null,
  stops: null,
  quarantines: "r2",
  warnings: [],
  ...over,
});

test("a person reads what becomes of each part, how long it takes, and what is kept away", () => {
  expect(rollbackLines(aRollback(), 100).join("\n")).toMatch(
    /^roll production back to r1\n.*\nr2 runs there now\n\npart +kind +way +expected +after\ncatalog +static +flip +0\.3 s +–\napi-gateway +service +redeploy +4\.1 s +catalog\n\ntakes about 4\.4 s\nr2 goes into quarantine: nothing deploys it until it is lifted$/,
  );
});

test("it says what it does not know, what it joins or stops, and what is in its way", () => {
  const text = rollbackLines(
    aRollback({
      parts: [{ name: "api", kind: "service", way: "redeploy", expected: null, note: "could not look at what runs" }],
      expected: null,
      joins: "run-7",
      stops: "run-8",
      quarantines: null,
      warnings: ["production will be mixed"],
      plan: aPlan({ obstacles: ["r1 was never verified in production"] }),
    }),
    100,
  ).join("\n");
  for (const said of [
    "could not look at what runs",
    "nobody knows how long it takes",
    "run-7 does that already",
    "run-8 is on its way there; it is stopped",
    "production will be mixed",
    "r1 was never verified in production",
  ])
    expect(text).toContain(said);
  expect(text).not.toContain("quarantine");
});

test("what becomes of a database is told whole, however narrow the terminal is", () => {
  const note = "it stays as it is, and r1 goes on with it: 0002_remark, 0003_fill, 0004_index, 0005_orders_of_today";
  const parts = [
    { name: "web", kind: "service", way: "redeploy", expected: 1_000, note: null },
    { name: "web", kind: "database", way: "irreversible", expected: 0, note },
  ] as const;
  const text = rollbackLines(aRollback({ parts: [...parts] }), 80);
  expect(text.join(" ")).toContain(`schema of web: ${note}`);
  expect(text.join("\n")).toMatch(/^web +database +stays +0\.0 s +–$/mu);
});

describe.each([40, 80])("in %i columns", (width) => {
  test("it is never wider, and nothing in it moves the cursor", () => {
    const plan = aPlan({ obstacles: [hostile, wide], release: "r1", environment: "production" });
    for (const line of rollbackLines(aRollback({ plan, warnings: [hostile + wide], stops: "run-8" }), width)) {
      expect(stringWidth(line)).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(actedOn);
    }
  });
});
