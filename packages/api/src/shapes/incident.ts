import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const severity = z
  .union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)], { error: "must be 1, 2, 3 or 4" })
  .describe("1 is the worst");

export const incidentShape = z
  .object({
    number: z.number(),
    title: z.string(),
    environment: z.string().nullable(),
    release: z.string().nullable(),
    impact: z.enum(["outage", "degraded", "minor"]),
    scope: z.enum(["all", "some", "one"]),
    proposed: severity.describe("What the table says"),
    confirmed: severity.nullable().describe("What a person says; null until somebody has"),
    confirmedBy: z.string().nullable(),
    openedBy: z.string(),
    openedAt: timestamp,
    closedAt: timestamp.nullable(),
    rootCause: z.string().nullable(),
    notes: z.array(z.object({ at: timestamp, by: z.string(), text: z.string() })),
  })
  .meta({ id: "Incident" });
export type IncidentShape = z.output<typeof incidentShape>;
