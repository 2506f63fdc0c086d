import { z } from "zod";

const breaker = {
  breakerThreshold: z.number().optional().describe("How many new replicas may fail"),
  breakerPercent: z.number().optional().describe("The same as a share of the replicas, at least 3; 50 without either"),
  breakerCounts: z.enum(["cumulative", "consecutive"]).optional(),
  minHealthyTime: z.number().optional().describe("Milliseconds that a new replica must stay healthy to count as ready"),
};
const shift = {
  bake: z.number().describe("Milliseconds that the old set stays, without traffic, after the switch"),
  keepWarm: z.number().optional().describe("Milliseconds that it stays after the deployment, for a rollback"),
  preview: z
    .union([z.literal(true), z.string()])
    .optional()
    .describe("Where the new release is reached before it has all traffic"),
  verifyFirst: z.boolean().optional(),
};
const names = z.record(z.string(), z.string()).optional();
const audience = {
  sticky: z.boolean().optional(),
  match: z.object({ headers: names, cookies: names }).optional(),
};

const pause = z
  .union([z.number(), z.literal("approval")])
  .describe("Milliseconds, or until a person says that it goes on");

const analysis = z
  .object({
    every: z.number().describe("Milliseconds"),
    deadline: z.number().describe("Milliseconds"),
    minimumRequests: z.number(),
    rules: z.array(
      z.discriminatedUnion("metric", [
        z.object({ metric: z.literal("errorRate"), max: z.number().optional(), difference: z.number().nullable() }),
        z.object({
          metric: z.literal("latency"),
          quantile: z.number(),
          max: z.number().optional(),
          difference: z.number().nullable(),
        }),
        z.object({
          metric: z.literal("query"),
          name: z.string(),
          candidate: z.string(),
          stable: z.string().nullable(),
          max: z.number().optional(),
          min: z.number().optional(),
          difference: z.number().nullable(),
        }),
      ]),
    ),
    prometheus: z.object({ url: z.string(), token: z.string().optional().describe("The name of a secret") }).optional(),
  })
  .optional()
  .describe("How the figures of the new release are judged; left out where they are not");

export const strategy = z
  .discriminatedUnion("name", [
    z.object({
      name: z.literal("rolling"),
      minimumHealthyPercent: z.number(),
      maximumPercent: z.number(),
      ...breaker,
    }),
    z.object({ name: z.literal("recreate"), ...breaker }),
    z.object({ name: z.literal("blue-green"), ...shift, ...breaker, analysis }),
    z.object({
      name: z.literal("canary"),
      steps: z.array(
        z.object({
          weight: z.number().describe("Percent"),
          pause,
          flags: z
            .record(z.string(), z.number())
            .optional()
            .describe("Which part of everybody gets a flag, in percent"),
        }),
      ),
      ...shift,
      ...audience,
      ...breaker,
      analysis,
    }),
    z.object({
      name: z.literal("linear"),
      step: z.number().describe("Percent"),
      every: z.number().describe("Milliseconds"),
      ...shift,
      ...audience,
      ...breaker,
      analysis,
    }),
  ])
  .meta({ id: "Strategy" });
export type StrategyShape = z.output<typeof strategy>;
