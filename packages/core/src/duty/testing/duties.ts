import type { Evidence } from "../../evidence/evidence.ts";
import { systemActor } from "../../people/actor.ts";
import type { Duty, DutyPlan, DutyRole } from "../duty.ts";
import type { CronClock, DutyRecord } from "../duty-standing.ts";

/** A duty of the devops lead, each quarter from the last of January. */
export const duty = (given: Partial<Duty> = {}): Duty => ({
  id: "review",
  title: "Review",
  owner: "lead",
  escalation: [],
  environment: null,
  cadence: { kind: "anchored", every: { months: 3, days: 0 }, from: "2026-01-31" },
  grace: 0,
  warnings: [14, 7, 1],
  task: null,
  automation: null,
  digest: null,
  place: { file: "ops/duties.yaml", line: 1 },
  ...given,
});

export const roles: readonly DutyRole[] = [
  { name: "lead", people: [{ name: "ada", until: null }] },
  { name: "cto", people: [{ name: "bob", until: null }] },
  { name: "gone", people: [{ name: "eve", until: "2026-01-01" }] },
];

export const plan = (given: Partial<DutyPlan> = {}): DutyPlan => ({
  commit: "abc",
  roles,
  duties: [],
  gates: [],
  waivers: { longest: 7 * 86_400_000, approvers: ["cto"] },
  ...given,
});

export const shown = (observedAt: string, given: Partial<Evidence> = {}): Evidence => ({
  number: 1,
  duty: "review",
  environment: null,
  release: null,
  outcome: "passed",
  observedAt,
  recordedAt: observedAt,
  by: systemActor,
  automation: null,
  note: "",
  facts: {},
  artifacts: [],
  digest: null,
  validUntil: null,
  slot: null,
  corrects: null,
  commit: null,
  ...given,
});

export const onRecord = (passed: Evidence | null, newest: Evidence | null = passed): DutyRecord => ({
  passed,
  newest,
  waivers: [],
});

/** A schedule of each full hour divisible by what it is called. */
export const hours: CronClock = {
  before: (every, at) => Math.floor(at / (Number(every) * 3_600_000)) * Number(every) * 3_600_000,
  after: (every, at) => (Math.floor(at / (Number(every) * 3_600_000)) + 1) * Number(every) * 3_600_000,
};
