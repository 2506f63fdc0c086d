import { z } from "zod";

const breakerThreshold = z.number().optional().describe("How many new replicas may fail; without it half, at least 3");
const bake = z.number().describe("Milliseconds that the old set stays, without traffic, after the switch");

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
      breakerThreshold,
    }),
    z.object({ name: z.literal("recreate"), breakerThreshold }),
    z.object({ name: z.literal("blue-green"), bake, breakerThreshold, analysis }),
    z.object({
      name: z.literal("canary"),
      steps: z.array(z.object({ weight: z.number().describe("Percent"), pause })),
      bake,
      breakerThreshold,
      analysis,
    }),
    z.object({
      name: z.literal("linear"),
      step: z.number().describe("Percent"),
      every: z.number().describe("Milliseconds"),
      bake,
      breakerThreshold,
      analysis,
    }),
  ])
  .meta({ id: "Strategy" });
export type StrategyShape = z.output<typeof strategy>;
