import { z } from "zod";

const verdict = z
  .enum(["none", "pending", "pass", "fail", "inconclusive", "no-data"])
  .describe("`none`: nothing is judged, only shown; `inconclusive` and `no-data` ask a person");

const millis = z.number().nullable().describe("Milliseconds that so many of 100 answers took at most");

const side = z.object({
  release: z.string(),
  requests: z.number(),
  errors: z.number().describe("Answered with 5xx, not answered, or not to the end"),
  p50: millis,
  p90: millis,
  p95: millis,
  p99: millis,
});

const look = z.object({
  at: z.string().describe("ISO 8601, UTC"),
  weight: z.number().describe("Percent of the traffic that the new release had"),
  verdict,
  reason: z.string().describe("With the figures and the test, for people"),
  candidate: side.describe("The new release, since the look before"),
  stable: side.describe("The old one"),
  rules: z.array(
    z.object({
      metric: z.string(),
      verdict: z.enum(["pass", "fail", "inconclusive", "no-data"]),
      candidate: z.number().nullable().describe("Since the share last changed; percent, milliseconds, or a query's"),
      stable: z.number().nullable(),
      reason: z.string(),
    }),
  ),
});

export const analysisShape = z
  .array(
    z.object({
      service: z.string(),
      looks: z.array(look).describe("Oldest first; the newest few hundred are kept"),
    }),
  )
  .meta({ id: "Analysis" });
export type AnalysisShape = z.output<typeof analysisShape>;
