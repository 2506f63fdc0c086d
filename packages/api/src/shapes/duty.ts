import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const state = z.enum(["ok", "due", "overdue", "failing", "unknown"]);

const dutyEvidence = z
  .object({
    number: z.number().describe("Its row in the record"),
    outcome: z.enum(["passed", "failed", "partial", "missed", "skipped"]),
    observedAt: timestamp.describe("When it was so"),
    recordedAt: timestamp,
    by: z.string(),
    automation: z.string().nullable().describe("The program that found it out; null when a person says so"),
    release: z.string().nullable(),
    note: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    artifacts: z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.number() })),
    digest: z.string().nullable().describe("Of the files that it was said of"),
    validUntil: timestamp.nullable(),
    slot: z.string().nullable(),
    corrects: z.number().nullable().describe("The row that it corrects"),
    commit: z.string().nullable().describe("Whose duties were in force"),
  })
  .meta({ id: "DutyEvidence" });
export type DutyEvidenceShape = z.output<typeof dutyEvidence>;

export const dutyShape = z
  .object({
    id: z.string(),
    title: z.string(),
    owner: z.string().describe("The role that owes it"),
    people: z.array(z.string()).describe("Who has that role today"),
    escalation: z.array(z.string()),
    environment: z.string().nullable(),
    cadence: z.string().describe("When it is owed, in words"),
    task: z.string().nullable(),
    automation: z.string().nullable(),
    runs: z
      .object({
        kind: z.enum([
          "command",
          "playbook",
          "probe",
          "awsKey",
          "notices",
          "rotation",
          "scan",
          "docs",
          "replay",
          "kpi",
          "summary",
          "packet",
        ]),
        scheduled: z.boolean(),
      })
      .nullable()
      .describe("What shows it by itself; null where people do"),
    state: state.describe("Worked out from what is on record, and kept nowhere"),
    why: z.string(),
    dueAt: timestamp.nullable(),
    last: dutyEvidence.nullable(),
    waiver: z
      .object({ by: z.string(), because: z.string(), until: timestamp, release: z.string().nullable() })
      .nullable(),
    mend: z.string().nullable().describe("What sets it right, where no word shows it; null where whoever owes it does"),
    place: z.object({ file: z.string(), line: z.number() }).nullable().describe("Null where no file says it"),
  })
  .meta({ id: "Duty" });
export type DutyShape = z.output<typeof dutyShape>;

export const dutiesShape = z
  .object({
    commit: z.string().nullable().describe("Whose duties hold; null before the first"),
    looked: z.string().nullable().describe("The commit that was looked at last"),
    problems: z.array(z.string()).describe("Why those of that commit do not hold"),
    held: z
      .object({
        commit: z.string(),
        weaker: z.array(z.string()),
        waitsFor: z.array(z.string()).describe("The roles that have not said yes yet"),
      })
      .nullable()
      .describe("Those that ask for less, until the gate's owner has said yes"),
    duties: z.array(dutyShape),
  })
  .meta({ id: "Duties" });
export type DutiesShape = z.output<typeof dutiesShape>;

export const dutyDetail = dutyShape
  .extend({ evidence: z.array(dutyEvidence).describe("The newest first") })
  .meta({ id: "DutyDetail" });

export const gateDecision = z
  .object({
    environment: z.string(),
    release: z.string().nullable(),
    ready: z.boolean(),
    sentence: z.string().describe("For a person who reads nothing else"),
    rows: z.array(
      z.object({
        duty: z.string(),
        state,
        why: z.string(),
        blocks: z.boolean(),
        passedBy: z.enum(["waiver", "remedy", "warning"]).nullable(),
      }),
    ),
  })
  .meta({ id: "GateDecision" });
export type GateDecisionShape = z.output<typeof gateDecision>;

export const replayedDecision = z
  .object({
    number: z.number(),
    digest: z.string(),
    same: z.boolean().describe("Whether it comes out as it did then"),
    decision: gateDecision,
  })
  .meta({ id: "ReplayedDecision" });

export const dutyMatrix = z
  .object({
    rows: z.array(
      z.object({
        task: z.string(),
        owners: z.array(z.string()),
        automation: z.array(z.string()),
        last: z
          .object({
            ...{ outcome: z.string(), at: timestamp, by: z.string(), duty: z.string() },
            release: z.string().nullable().describe("Of what it was shown; null for what is owed of no release"),
          })
          .nullable(),
        nextDue: timestamp.nullable(),
        states: z.record(z.string(), z.number()),
      }),
    ),
    markdown: z.string().describe("The same as a table"),
    digest: z.string().describe("Of the table: whether a copy is still it"),
  })
  .meta({ id: "DutyMatrix" });
export type DutyMatrixShape = z.output<typeof dutyMatrix>;

export const dutyTimes = z
  .object({
    duty: z.string(),
    title: z.string(),
    owner: z.string(),
    environment: z.string().nullable(),
    due: timestamp,
    slot: z.string(),
    outcome: z.enum(["met", "late", "missed"]).nullable().describe("How it ended; null while it is open"),
  })
  .meta({ id: "DutyTimes" });
export type DutyTimesShape = z.output<typeof dutyTimes>;
