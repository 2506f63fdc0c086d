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
    rule: z.string().nullable().describe("Which rule of the table says so"),
    confirmed: severity.nullable().describe("What a person says; null until somebody has"),
    confirmedBy: z.string().nullable(),
    source: z.string().nullable().describe("Where it came from; null where somebody told of it here"),
    openedBy: z.string(),
    openedAt: timestamp,
    closedAt: timestamp.nullable(),
    rootCause: z.string().nullable(),
    notes: z.array(z.object({ at: timestamp, by: z.string(), text: z.string() })),
    followUps: z.array(
      z.object({
        number: z.number(),
        what: z.string(),
        owner: z.string(),
        due: z.string(),
        doneAt: timestamp.nullable(),
        doneBy: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "Incident" });
export type IncidentShape = z.output<typeof incidentShape>;
