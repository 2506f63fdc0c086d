import { z } from "zod";

const breakerThreshold = z.number().optional().describe("How many new replicas may fail; without it half, at least 3");
const bake = z.number().describe("Milliseconds that the old set stays, without traffic, after the switch");

const pause = z
  .union([z.number(), z.literal("approval")])
  .describe("Milliseconds, or until a person says that it goes on");

export const strategy = z
  .discriminatedUnion("name", [
    z.object({
      name: z.literal("rolling"),
      minimumHealthyPercent: z.number(),
      maximumPercent: z.number(),
      breakerThreshold,
    }),
    z.object({ name: z.literal("recreate"), breakerThreshold }),
    z.object({ name: z.literal("blue-green"), bake, breakerThreshold }),
    z.object({
      name: z.literal("canary"),
      steps: z.array(z.object({ weight: z.number().describe("Percent"), pause })),
      bake,
      breakerThreshold,
    }),
    z.object({
      name: z.literal("linear"),
      step: z.number().describe("Percent"),
      every: z.number().describe("Milliseconds"),
      bake,
      breakerThreshold,
    }),
  ])
  .meta({ id: "Strategy" });
export type StrategyShape = z.output<typeof strategy>;
