import { expect, test } from "vitest";
import type { DutyPlan } from "./duty.ts";
import { standingOf } from "./duty-standing.ts";
import { keptFindings, withFound } from "./found-duties.ts";
import { duty, hours, plan } from "./testing/duties.ts";

const nothing = { day: "2026-02-01", tokens: [], drift: [] } as const;
const found = (given: Partial<DutyPlan>, day: string = nothing.day): readonly string[] => {
  const { duties, roles } = withFound(plan(given), { ...nothing, day });
  const added = duties.slice(given.duties?.length ?? 0);
  return added.map((one) => {
    const record = { passed: null, newest: null, waivers: [] };
    const { state, why } = standingOf(one, record, roles, Date.parse(day), hours);
    return `${one.place.file}:${one.place.line} ${one.id} ${state}: ${why}; ${one.mend ?? ""}`;
  });
};

test("a role that nobody has any more is told where it may waive and where it hears next, with its line and what mends it", () => {
  const waivers = { longest: 1, approvers: ["cto", "gone"], place: { file: "ops/gates.yaml", line: 9 } };
  expect(found({ waivers })).toEqual([
    "ops/gates.yaml:9 role/gone failing: nobody is gone any more, who may waive (ops/gates.yaml:9); name somebody for gone in ops/people.yaml, or another role in ops/gates.yaml:9",
  ]);
  const place = { file: "ops/duties.yaml", line: 7 };
  const duties = [duty({ id: "drill/db", escalation: ["cto", "gone"], place }), duty({ escalation: ["gone"] })];
  expect(found({ duties })).toEqual([
    "ops/duties.yaml:7 role/gone failing: nobody is gone any more, who hears next of drill/db (ops/duties.yaml:7), and is relied on elsewhere once; name somebody for gone in ops/people.yaml, or another role in ops/duties.yaml:7",
  ]);
});

test("who owns a gate is somebody, or that is told too", () => {
  const gate = { environment: "production", require: [], mode: "block", owner: "gone" } as const;
  expect(found({ gates: [gate] })).toEqual([
    expect.stringContaining("role/gone failing: nobody is gone any more, who owns the gate of production"),
  ]);
});

test("a role is somebody's until its last day is over, and nothing is told of one that nothing relies on", () => {
  const waivers = { longest: 1, approvers: ["gone"] };
  expect([found({ waivers }, "2026-01-01"), found({})]).toEqual([[], []]);
  expect(found({ waivers }, "2026-01-02")).toHaveLength(1);
});

test("keys beyond the first five hundred are one row for each environment, as red as the worst of them, also from what a decision keeps", () => {
  const key = { vendor: "Pay", kind: "key", environments: ["production"], owner: "cto", consumers: [] };
  const credentials = Array.from({ length: 501 }, (_, at) => ({ ...key, id: `pay-${at}`, store: `PAY_${at}` }));
  const drift = [
    ...credentials.map(({ store }) => ({ environment: "production", name: store, drift: "absent" }) as const),
    ...["ONE", "TWO"].map((name) => ({ environment: "production", name, drift: "unlisted" }) as const),
    { environment: "staging", name: "ONE", drift: "unlisted" } as const,
  ];
  const given = plan({ credentials });
  const { duties } = withFound(given, { ...nothing, drift });
  expect(duties.slice(500).map(({ id, seen }) => [id, seen])).toEqual([
    [
      "credential/others@production:inventory-and-store",
      {
        state: "failing",
        why: "1 more of the inventory that the store has not, and 2 more of the store that the inventory has not",
      },
    ],
    [
      "credential/others@staging:inventory-and-store",
      { state: "unknown", why: "1 more of the store that the inventory has not" },
    ],
  ]);
  const kept = keptFindings({ ...nothing, drift });
  expect(kept.drift).toHaveLength(500);
  expect(withFound(given, kept).duties).toEqual(duties);
  expect(withFound(given, keptFindings(kept)).duties).toEqual(duties);
});

test("a gate and duties of an environment that the project has not are told with their line, and nothing before there is a project", () => {
  const gate = { environment: "prodution", require: [], mode: "block", owner: "cto" } as const;
  const place = { file: "ops/gates.yaml", line: 2 };
  const given = plan({ gates: [{ ...gate, place }], duties: [duty({ id: "drill/db", environment: "prodution" })] });
  const told = withFound(given, { ...nothing, environments: ["staging", "production"] }).duties.slice(1);
  expect(told).toMatchObject([
    {
      ...{ id: "environment/prodution", owner: "cto", place },
      seen: {
        state: "failing",
        why: "the project has no prodution, and a gate is of it (ops/gates.yaml:2), as one other is",
      },
      mend: "name one of staging, production there, or release the configuration that has it",
    },
  ]);
  const heard = plan({ intake: { secret: "KEY", environment: "prod" } });
  expect(withFound(heard, { ...nothing, environments: ["production"] }).duties).toMatchObject([
    { seen: { why: "the project has no prod, and what support hears is of it (ops/severity.yaml:1)" } },
  ]);
  expect(withFound(given, nothing)).toBe(given);
  expect(withFound(given, { ...nothing, environments: ["prodution"] })).toBe(given);
});
