import { expect, test } from "vitest";
import { usualSeverities } from "../incident/severity-table.ts";
import type { PlannedBackup } from "../backup/planned-backup.ts";
import type { Duty, DutyGate, DutyPlan } from "./duty.ts";
import { duty, plan, roles } from "./testing/duties.ts";
import { weakenings } from "./weakenings.ts";

const gate: DutyGate = {
  environment: "production",
  require: ["drill/*", "content:disclosure"],
  mode: "block",
  owner: "cto",
};
const owed = { id: "drill/db", escalation: ["cto"], environment: "production", digest: "files" };
const before = plan({ gates: [gate], duties: [duty(owed)] });
const told = (after: Partial<DutyPlan>, from: DutyPlan = before): readonly string[] =>
  weakenings(from, { ...from, ...after }).map(({ what }) => what);
const toldOf = (given: Partial<Duty>): readonly string[] => told({ duties: [duty({ ...owed, ...given })] });

test("what a change takes from a gate is told, whichever way it is taken", () => {
  expect(told({})).toEqual([]);
  expect(told({ gates: [] })).toHaveLength(3);
  expect(told({ duties: [] })).toEqual(["production asked for drill/db, which is gone"]);
  expect(told({ gates: [{ ...gate, require: [...gate.require, "freeze:none"] }] })).toEqual([]);
});

test("what moves from a gate that holds to one that warns is told, while another still holds", () => {
  const gates: readonly DutyGate[] = [
    { ...gate, require: ["content:disclosure"] },
    { ...gate, require: ["drill/*"], mode: "warn" },
  ];
  expect(told({ gates })).toEqual(["production only warns of drill/*"]);
  expect(told({ gates: [gate] }, { ...before, gates })).toEqual([]);
});

test("what a duty owes less of is told: its times, its people, its environment, its files", () => {
  expect(toldOf({ grace: 1 })).toEqual(["drill/db is owed at other times than before"]);
  expect(toldOf({ owner: "cto" })).toEqual(["drill/db is owed by cto and no longer by lead"]);
  expect(toldOf({ escalation: [] })).toEqual(["drill/db escalates to others than before"]);
  expect(toldOf({ environment: "staging" })).toEqual(["drill/db is of staging and no longer of production"]);
  expect(toldOf({ digest: null })).toEqual(["drill/db does not watch files any more"]);
  expect(toldOf({ digest: "other files" })).toEqual([]);
});

test("that another is enough where a duty fails is told, whichever of the two says so", () => {
  const other = (given: Partial<Duty> = {}): Duty => duty({ id: "drill/copy", environment: "production", ...given });
  const from = plan({ gates: [{ ...gate, require: ["drill/db"] }], duties: [duty(owed), other()] });
  const enough = ["drill/copy stands in for drill/db where that fails"];
  const named = [duty({ ...owed, fallback: "drill/copy" }), other()];
  expect(told({ duties: named }, from)).toEqual(enough);
  expect(told({ duties: [duty(owed), other({ fallback: "drill/db" })] }, from)).toEqual(enough);
  expect(told({ duties: named }, { ...from, duties: named })).toEqual([]);
});

test("a duty that watches fewer files than before is told, and one that watches as many or more is not", () => {
  const watching = (...watches: readonly string[]): Partial<Duty> => ({ ...owed, watches, digest: watches.join(" ") });
  const from = plan({ gates: [gate], duties: [duty(watching("docs/compliance/*.md", "apps/web"))] });
  const toldWith = (...watches: readonly string[]): readonly string[] =>
    told({ duties: [duty(watching(...watches))] }, from);
  expect(toldWith("apps/web", "docs/compliance/*.md", "README.md")).toEqual([]);
  expect([toldWith("docs/*", "apps/"), toldWith("*")]).toEqual([[], []]);
  expect(toldWith("docs/compliance/terms.md", "apps/web")).toEqual([
    "drill/db does not watch docs/compliance/*.md any more",
  ]);
  expect(toldWith("docs/compliance/*.md", "apps/web/page.tsx")).toEqual(["drill/db does not watch apps/web any more"]);
  // Of what an older version has read nobody knows which files it watched.
  const older = plan({ gates: [gate], duties: [duty(owed)] });
  expect(told({ duties: [duty(watching("README.md"))] }, older)).toEqual([]);
});

test("a playbook whose steps are others is told of the duty that it shows, wherever its steps have moved to", () => {
  const step = {
    name: "look",
    language: "sh",
    text: "check",
    approval: true,
    idempotent: false,
    timeout: null,
    line: 9,
  };
  const book = {
    id: "restore",
    title: "Restore",
    owner: "lead",
    file: "ops/restore.md",
    sha256: "a",
    reviewed: "2026-01-01",
  };
  const shown = duty({ ...owed, run: { kind: "playbook", playbook: "restore", scheduled: true } });
  const from = plan({ gates: [gate], duties: [shown], playbooks: [{ ...book, steps: [step] }] });
  const toldWith = (change: Partial<typeof step>): readonly string[] =>
    told({ playbooks: [{ ...book, sha256: "b", steps: [{ ...step, ...change }] }] }, from);
  expect(toldWith({ line: 12 })).toEqual([]);
  const words = ["the steps of the playbook that shows drill/db are others"];
  expect([toldWith({ text: "true" }), toldWith({ approval: false })]).toEqual([words, words]);
});

test("a backup that is restored otherwise is told of its drill", () => {
  const backup: PlannedBackup = {
    ...{ name: "db", environment: "production", rpo: 1, roles: [], heartbeat: "select now()" },
    ...{ driver: "pg_dump", database: "URL", recipient: "age1", identity: "KEY", directory: "/backups", keep: 3 },
  };
  const from = plan({ gates: [gate], duties: [duty(owed)], backups: [backup] });
  expect(told({}, from)).toEqual([]);
  expect(told({ backups: [{ ...backup, heartbeat: null }] }, from)).toEqual([
    "drill/db makes or restores something else than before",
  ]);
});

test("a gate that asks for no severe incident is worth what its table of severities and its intake are", () => {
  const asking = { ...gate, require: ["incident:no-open-sev1"] };
  const from = plan({ gates: [asking], duties: [], intake: { secret: "S", environment: null } });
  const { table, words } = usualSeverities;
  const milder = { table: { ...table, outage: { ...table.outage, all: 2 as const } }, words };
  expect(told({ severities: usualSeverities }, from)).toEqual([]);
  expect(told({ severities: milder }, from)).toEqual([
    "production asks for incident:no-open-sev1, and how severe incidents are is judged by another table",
  ]);
  expect(told({ intake: null }, from)).toEqual([
    "production asks for incident:no-open-sev1, and what users tell is taken in otherwise than before",
  ]);
  expect(told({ severities: milder, intake: null }, before)).toEqual([]);
});

test("who may say yes is told: the gate's owner, the people of its roles, and who waives for how long", () => {
  expect(told({ gates: [{ ...gate, owner: "lead" }] })).toEqual([
    "the gate of production is owned by lead and no longer by cto",
  ]);
  const eve = { name: "eve", until: null };
  const joined = roles.map((role) => (role.name === "cto" ? { ...role, people: [...role.people, eve] } : role));
  expect(told({ roles: joined })).toEqual(["others are cto than before, which production relies on"]);
  const elsewhere = roles.map((role) => (role.name === "gone" ? { ...role, people: [eve] } : role));
  expect(told({ roles: elsewhere })).toEqual([]);
  const { longest, approvers } = before.waivers;
  expect(told({ waivers: { longest: longest + 1, approvers } })).toHaveLength(1);
  expect(told({ waivers: { longest, approvers: [...approvers, "lead"] } })).toEqual([
    "lead may waive what production asks for",
  ]);
  expect(told({ waivers: { longest: longest - 1, approvers: [] } })).toEqual([]);
});

test("each environment's gate is its own owner's, and a duty of another environment is none of it", () => {
  const staging: DutyGate = { ...gate, environment: "staging", owner: "lead" };
  const both = plan({ gates: [gate, staging], duties: [duty(owed)] });
  const found = weakenings(both, { ...both, duties: [] });
  expect(found).toEqual([
    { environment: "production", owner: "cto", what: "production asked for drill/db, which is gone" },
  ]);
});

test("one more thing that a scan passes over is told, or a longer time of one, and one less is not", () => {
  const allowed = (until: string, path: string | null = "tests/") =>
    ({
      ...{ path, fingerprint: null, reason: "made up", owner: "lead", until },
      place: { file: "ops/scan.yaml", line: 2 },
    }) as const;
  const from = plan({
    gates: [{ ...gate, require: ["scan/*"] }],
    duties: [duty({ id: "scan/tree", run: { kind: "scan", scheduled: true } })],
    allowed: [allowed("2026-12-01")],
  });
  expect(told({ allowed: [allowed("2026-11-01")] }, from)).toEqual([]);
  expect(told({ allowed: [] }, from)).toEqual([]);
  expect(told({ allowed: [allowed("2027-01-01")] }, from)).toEqual([
    "production asks for scan/tree, which passes over tests/ until 2027-01-01",
  ]);
  expect(told({ allowed: [allowed("2026-12-01"), allowed("2026-12-01", "src/")] }, from)).toHaveLength(1);
  expect(told({ allowed: [allowed("2026-12-01")] }, before)).toEqual([]);
});
