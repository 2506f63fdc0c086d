import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const millis = z.number().nullable().describe("Milliseconds; null where there was none");
const ratio = z.object({
  part: z.number(),
  whole: z.number(),
  rate: z.number().nullable().describe("From 0 to 1; null where the whole is nothing"),
});

const figures = z.object({
  deployed: z.number().describe("Deployments that were carried through"),
  perDay: z.number(),
  leadTime: z
    .object({ median: millis, p90: millis, changes: z.number().describe("How many commits it is of") })
    .describe("From a commit until it ran there"),
  changeFailure: ratio.describe(
    "Deployments that had to be taken back or left the environment in no known state, of all",
  ),
  recovery: z
    .object({ median: millis, recovered: z.number(), open: z.number() })
    .describe("From when a deployment that failed changed the environment until it ran well again"),
  rework: ratio.describe("Deployments that were made only because one before had failed, of all"),
});

export const doraShape = z
  .object({
    days: z.number(),
    service: z.string().nullable(),
    from: timestamp,
    to: timestamp,
    services: z.array(z.string()).describe("Those that were changed, to choose from"),
    environments: z
      .array(
        figures.extend({
          environment: z.string(),
          byDay: z
            .array(z.object({ day: z.string(), deployed: z.number(), failed: z.number() }))
            .describe("In UTC, the oldest first"),
          before: figures.describe("Of as many days before, to compare with"),
        }),
      )
      .describe("In the order of promotion"),
  })
  .meta({ id: "Dora" });
export type DoraShape = z.output<typeof doraShape>;
