import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const replicas = z.object({
  running: z.number().describe("Alive and not given up: starting or ready"),
  ready: z.number(),
  failed: z.number(),
  busy: z.number().describe("Still at work begun earlier"),
});

export const movesShape = z
  .array(
    z.object({
      service: z.string(),
      from: z.string().nullable().describe("The old release; null where none ran"),
      to: z.string().describe("The new one"),
      onChain: z.boolean().describe("They are contracts on a chain, which count as one where they are in place"),
      moves: z
        .array(
          z.object({
            at: timestamp,
            back: z.boolean().describe("On the way back, where the new release is taken away"),
            weight: z
              .number()
              .nullable()
              .describe("Percent of the traffic that the new release has; null where it follows the replicas"),
            old: replicas,
            new: replicas,
          }),
        )
        .describe("Oldest first: one for every change that was seen"),
    }),
  )
  .meta({ id: "Moves" });
export type MovesShape = z.output<typeof movesShape>;
