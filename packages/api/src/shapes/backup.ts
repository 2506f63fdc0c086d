import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const backupShape = z
  .object({
    id: z.string(),
    kind: z.enum(["full", "incremental", "logical", "artifacts"]),
    startedAt: timestamp,
    endedAt: timestamp,
    position: z.string().nullable().describe("Up to where in the database's log it reaches"),
    serverVersion: z.string().nullable(),
    bytes: z.number(),
    encrypted: z.boolean(),
    identity: z.string().nullable(),
  })
  .meta({ id: "Backup" });

export const backupsShape = z
  .object({
    label: z.string().nullable().describe("What makes them and where they are; null where Fairway makes none"),
    backups: z.array(backupShape).describe("As their repository has them, the oldest first"),
  })
  .meta({ id: "Backups" });
export type BackupsShape = z.output<typeof backupsShape>;

export const drillShape = z
  .object({
    number: z.number(),
    repository: z.string(),
    beganAt: timestamp,
    endedAt: timestamp.nullable().describe("Null while it goes on"),
    by: z.string(),
    backup: z.string().nullable(),
    outcome: z.enum(["passed", "failed"]).nullable().describe("Null while it goes on"),
    note: z.string(),
    failedStep: z.string().nullable().describe("The step that turned it red"),
    rto: z
      .number()
      .nullable()
      .describe("Milliseconds from the backup to a program that is well; null where it was not"),
    rpo: z.number().nullable().describe("Milliseconds that were lost before the backup ended; null where unknown"),
    steps: z.array(
      z.object({
        step: z.string(),
        what: z.string().describe("What it shows"),
        outcome: z.enum(["passed", "failed", "left-out"]),
        why: z.string(),
        startedAt: timestamp,
        took: z.number().describe("In milliseconds"),
        facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      }),
    ),
  })
  .meta({ id: "Drill" });
export type DrillShape = z.output<typeof drillShape>;

const stateWords = z.enum(["ok", "due", "overdue", "failing", "unknown"]);

export const backupRepositoryShape = z
  .object({
    name: z.string().describe("`fairway` is Fairway's own database"),
    environment: z.string().nullable(),
    driver: z.string(),
    label: z.string().nullable().describe("What makes them and where they are; null where Fairway makes none"),
    watched: z.boolean().describe("Somebody else makes them: they are read only"),
    problem: z.string().nullable().describe("Why the repository cannot be read; null where it can"),
    backups: z.array(backupShape).describe("The newest 30, the newest first"),
    owed: z.array(
      z.object({
        duty: z.string(),
        state: stateWords,
        why: z.string(),
        dueAt: timestamp.nullable(),
      }),
    ),
    drills: z
      .array(drillShape.omit({ steps: true, repository: true }))
      .describe("The newest 24 with RTO and RPO, the newest first"),
  })
  .meta({ id: "BackupRepository" });
export type BackupRepositoryShape = z.output<typeof backupRepositoryShape>;

export const alertShape = z
  .object({
    number: z.number(),
    key: z.string().describe("What it is known by for as long as it goes on"),
    level: z.enum(["warning", "error"]),
    title: z.string(),
    note: z.string(),
    environment: z.string().nullable(),
    raisedAt: timestamp,
    resolvedAt: timestamp.nullable().describe("Null while it goes on"),
    undelivered: z
      .string()
      .nullable()
      .describe(
        "Why it has reached nobody although it was tried often enough; null where it has, or nobody wants to hear",
      ),
  })
  .meta({ id: "Alert" });
