import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const event = z
  .object({
    seq: z.number(),
    at: timestamp,
    kind: z.string(),
    subject: z.string(),
    body: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Event" });
export type EventShape = z.output<typeof event>;
