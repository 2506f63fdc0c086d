import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const status = z.enum(["passed", "failed", "no-data"]);

export const checkTest = z
  .object({
    name: z.string(),
    state: z.enum(["passed", "failed", "skipped"]),
    took: z.number().describe("Milliseconds"),
    message: z.string().nullable().describe("Why it did not pass"),
    requestId: z.string().nullable().describe("What the request was sent with as `x-request-id`"),
    exchange: z.string().nullable().describe("The request and its answer, without what is secret"),
  })
  .meta({ id: "CheckTest" });

export const checkResultShape = z
  .object({
    id: z.number(),
    environment: z.string(),
    release: z.string(),
    name: z.string(),
    kind: z.enum([
      ...["command", "collection", "http", "smoke", "journey", "load"],
      ...["alarms", "canary", "scan", "targets"],
    ] as const),
    occasion: z.enum(["deployment", "verification", "bake", "schedule"]),
    location: z.string().describe("The label of where it was asked from; `here` is the daemon"),
    status: status.describe("`no-data` when it could not be asked, which is no yes"),
    summary: z.string(),
    flaky: z.array(z.string()).describe("Tests that failed and passed with the same release"),
    figures: z.record(z.string(), z.number()).describe("Of a load, in milliseconds, requests a second and percent"),
    files: z.array(z.object({ name: z.string(), type: z.string() })).describe("Screenshots and HARs"),
    run: z.string().nullable(),
    startedAt: timestamp,
    took: z.number().describe("Milliseconds"),
  })
  .meta({ id: "CheckOfWhatRuns" });
export type CheckOfWhatRuns = z.output<typeof checkResultShape>;

export const wholeCheckResult = checkResultShape
  .extend({ tests: z.array(checkTest) })
  .meta({ id: "WholeCheckOfWhatRuns" });
export type WholeCheckResult = z.output<typeof wholeCheckResult>;

export const revokedVerificationShape = z
  .object({
    environment: z.string(),
    release: z.string(),
    run: z.string().describe("The run that found out"),
    why: z.string(),
    at: timestamp,
  })
  .meta({ id: "RevokedVerification" });

export const syntheticShape = z
  .object({
    environment: z.string(),
    name: z.string(),
    location: z.string(),
    every: z.number().describe("Milliseconds"),
    status: status.nullable().describe("Of the last run; null before the first"),
    lastAt: timestamp.nullable(),
    dueAt: timestamp.nullable().describe("When it is made next; null where nothing runs"),
    missed: timestamp.nullable().describe("Since when it is missed; null where it is not"),
    release: z.string().nullable().describe("Of the last run"),
    runs: z.number().describe("In the time that is asked about"),
    passed: z.number(),
    failed: z.number(),
    noData: z.number(),
    p50: z.number().nullable().describe("Milliseconds"),
    p95: z.number().nullable().describe("Milliseconds"),
    points: z
      .array(
        z.object({
          at: timestamp,
          runs: z.number(),
          failed: z.number(),
          p50: z.number().nullable(),
          p95: z.number().nullable(),
        }),
      )
      .describe("The same by hours or days, the oldest first"),
  })
  .meta({ id: "Synthetic" });
export type SyntheticShape = z.output<typeof syntheticShape>;
