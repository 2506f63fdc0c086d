import { z } from "zod";
import type { Strategy } from "./project-config.ts";
import { analysis } from "./schema-analysis.ts";
import { duration, form, wholeNumber } from "./schema-parts.ts";
import { audienceOptions, breakerOptions, shiftOptions } from "./schema-shift.ts";

const wait = duration(0);

const rolling = z
  .strictObject({
    minimumHealthyPercent: wholeNumber(0, 100).optional().meta({
      description: "Share of the replicas that must stay ready; rounded up.",
      default: 100,
    }),
    maximumPercent: wholeNumber(0, 1000).optional().meta({
      description: "Share of the replicas that may run at once; rounded down.",
      default: 200,
    }),
    ...breakerOptions,
  })
  .meta({ description: "Replaces replicas a few at a time, within two bounds and with a breaker." });

const recreate = z
  .strictObject(breakerOptions)
  .meta({ description: "Ends every old replica before the first new one starts. The service is away meanwhile." });

const blueGreen = z.strictObject({ ...shiftOptions, ...breakerOptions, analysis: analysis.optional() }).meta({
  description:
    "Raises a full second set, moves all traffic to it at once, and keeps the first until the second has stood its time and long work of the first is done.",
});

const canary = z
  .strictObject({
    steps: z
      .array(
        z.strictObject({
          weight: wholeNumber(1, 99).meta({ description: "Share of the traffic, in percent.", examples: [10] }),
          pause: z
            .union([z.literal("approval"), wait])
            .optional()
            .meta({
              description: 'How long it stays so; `"approval"`: until a person says that it goes on.',
              default: "1m",
            }),
          flags: z
            .record(
              form(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/u, "must be the key of a feature flag"),
              z
                .number({ error: "must be a percentage" })
                .min(0, { error: "must be at least 0" })
                .max(100, { error: "must be at most 100" })
                .multipleOf(0.01, { error: "must have at most two digits after the point" }),
              { error: "must be an object of flags and percentages" },
            )
            .optional()
            .meta({
              description:
                "Which part of everybody gets a feature flag from this step on, in percent. It stays when the deployment succeeds, and is put back when it is undone.",
              examples: [{ "new-checkout": 10 }],
            }),
        }),
        { error: "must be a list of steps { weight, pause, flags }" },
      )
      .min(1, { error: "must have at least one step" })
      .meta({
        description: "Rising shares; all traffic comes after the last.",
        examples: [[{ weight: 10, pause: "5m" }]],
      }),
    ...shiftOptions,
    ...audienceOptions,
    ...breakerOptions,
    analysis: analysis.optional(),
  })
  .meta({ description: "Gives the new release a growing share of the traffic, step by step." });

const linear = z
  .strictObject({
    step: wholeNumber(1, 100)
      .optional()
      .meta({ description: "How much more of the traffic with each step, in percent.", default: 20 }),
    every: wait.optional().meta({ description: "Between two steps.", default: "1m" }),
    ...shiftOptions,
    ...audienceOptions,
    ...breakerOptions,
    analysis: analysis.optional(),
  })
  .meta({ description: "Gives the new release the same share more every so often." });

const error =
  'must be "rolling", "recreate", "blue-green", "canary" or "linear", or one of them with its options: { canary: { steps } }';

/** How a new release takes over. */
export const strategy: z.ZodType<Strategy> = z
  .union(
    [
      z.enum(["rolling", "recreate", "blue-green", "canary", "linear"], { error }),
      z.strictObject({ rolling }),
      z.strictObject({ recreate }),
      z.strictObject({ "blue-green": blueGreen }),
      z.strictObject({ canary }),
      z.strictObject({ linear }),
    ],
    { error },
  )
  .meta({
    id: "Strategy",
    description: "How a new release takes over from the old one. The default adds capacity before it takes any away.",
    examples: [
      "blue-green",
      { rolling: { minimumHealthyPercent: 50, maximumPercent: 100 } },
      { canary: { steps: [{ weight: 10, pause: "5m" }] } },
    ],
  });
