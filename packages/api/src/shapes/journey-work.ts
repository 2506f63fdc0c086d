import { z } from "zod";
import { checkTest } from "./check-result.ts";
import { timestamp } from "./timestamp.ts";

const variables = z.record(z.string(), z.string());

export const takenJourney = z
  .object({
    claim: z.string().describe("Shown again with what it came to"),
    environment: z.string(),
    release: z.string(),
    location: z.string(),
    work: z.object({
      name: z.string(),
      argv: z.array(z.string()).min(1),
      timeout: z.number().describe("Milliseconds"),
      env: variables.describe("Variables that anybody may read"),
      secrets: variables.describe("Variables whose values are hidden in all that is told of it"),
    }),
  })
  .meta({ id: "TakenJourney" });

const fileName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}$/u, "is no name of a file");

/** What a journey came to that was made elsewhere. */
export const toldReport = z
  .object({
    status: z.enum(["passed", "failed", "no-data"]),
    summary: z.string().max(100_000),
    tests: z.array(checkTest).max(2_000),
    figures: z.record(z.string(), z.number()),
    files: z.array(z.object({ name: fileName, type: z.string().max(100) })).max(20),
  })
  .meta({ id: "JourneyReport" });

export const toldFiles = z
  .array(z.object({ name: fileName, content: z.base64().describe("Base64") }))
  .max(20)
  .default([]);

export const journeyWorkerShape = z
  .object({
    location: z.string(),
    name: z.string().describe("As its machine is called"),
    version: z.string(),
    seenAt: timestamp.describe("When it last asked for journeys, to ten seconds"),
  })
  .meta({ id: "JourneyWorker" });
