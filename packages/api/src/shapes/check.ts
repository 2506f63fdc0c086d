import { z } from "zod";

export const annotation = z
  .object({
    severity: z.enum(["error", "warning", "notice"]),
    file: z.string().nullable().describe("Relative to the repository; null when it is about no file of it"),
    line: z.number().nullable().describe("From 1"),
    column: z.number().nullable().describe("From 1"),
    rule: z.string().nullable().describe("As the tool names it"),
    message: z.string(),
  })
  .meta({ id: "Annotation" });

export const checkResult = z
  .object({
    job: z.string().describe("`check:api/lint`"),
    verdict: z.enum(["passed", "failed", "inconclusive"]),
    summary: z.string(),
    errors: z.number(),
    warnings: z.number(),
    notices: z.number(),
    annotations: z.array(annotation).describe("Errors first; at most 200, of however many were found"),
  })
  .meta({ id: "CheckResult" });

export const checkNotRun = z
  .object({ check: z.string().describe("`api/lint`"), why: z.string() })
  .meta({ id: "CheckNotRun" });

export const checksShape = z
  .object({
    results: z.array(checkResult).describe("Of the checks that made a report"),
    notRun: z.array(checkNotRun).describe("What was left out: green for the same inputs, or without its program here"),
  })
  .meta({ id: "Checks" });
export type ChecksShape = z.output<typeof checksShape>;
