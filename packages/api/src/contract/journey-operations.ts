import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { journeyWorkerShape, takenJourney, toldFiles, toldReport } from "../shapes/journey-work.ts";
import { timestamp } from "../shapes/timestamp.ts";
import { none, words } from "./inputs.ts";

/** The daemon's own place, from which nobody else makes journeys. */
const label = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/u, "must be a label of small letters, digits and dashes")
  .refine((written) => written !== "here", '"here" is the daemon itself');

/** Screenshots and what a browser loaded, as Base64. */
const longestTold = 48 * 1024 * 1024;

/** What workers ask that make journeys from places of their own. */
export const journeyOperations = {
  journeyWorkers: {
    ...routes.journeyWorkers,
    summary: "Who makes journeys at places elsewhere, and when they last asked for some.",
    access: "read",
    anywhere: true,
    params: none,
    query: none,
    body: null,
    answer: z.array(journeyWorkerShape),
    kind: "json",
  },
  takeJourney: {
    ...routes.takeJourney,
    summary: "Takes the next journey that is due at a place, with the secrets that it names; null where none is.",
    access: "work",
    params: none,
    query: none,
    body: z.object({
      locations: z.array(label).min(1).max(20),
      worker: words(120).min(1).describe("As its machine is called, for people"),
      version: words(60).min(1),
    }),
    answer: takenJourney.nullable(),
    kind: "json",
  },
  tellJourney: {
    ...routes.tellJourney,
    summary:
      "Tells what a journey came to that was taken. May be told again; not `kept` is what nobody waits for any more.",
    access: "work",
    longestBody: longestTold,
    params: none,
    query: none,
    body: z.object({
      claim: words(100).min(1),
      report: toldReport.nullable().describe("Null where it was not made after all"),
      files: toldFiles,
      startedAt: timestamp,
      took: z.number().min(0).describe("Milliseconds"),
    }),
    answer: z.object({ kept: z.boolean() }),
    kind: "json",
  },
  journeySources: {
    ...routes.journeySources,
    summary: "The commit of a release whose journeys are made now: a gzipped tar.",
    access: "work",
    params: z.object({ release: z.string().min(1).max(60) }),
    query: none,
    body: null,
    answer: z.string(),
    kind: "file",
  },
} as const satisfies Record<string, Route>;
