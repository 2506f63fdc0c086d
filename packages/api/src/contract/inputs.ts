import { z } from "zod";

/** For an operation that is told nothing in this place. */
export const none = z.object({});
/** Said of what is no number; what is too small or too large keeps its own words. */
export const notANumber = (issue: { readonly code?: string }): string | undefined =>
  issue.code === "invalid_type" ? "must be a number" : undefined;
/** The run an operation is about. */
export const runId = z.object({ run: z.string().regex(/^run-\d+$/, "a run is named like run-17") });
/** The run that a page ends before. */
export const runNumber = z
  .string()
  .regex(/^run-\d{1,15}$/, "a run is named like run-17")
  .optional();
/** The environment an operation is about. */
export const environmentName = z.object({ environment: z.string().min(1).max(60) });
/** Words of a person, for the record. */
export const words = (longest: number): z.ZodString => z.string().max(longest);
/** Of every operation that changes something. */
export const by = words(120)
  .min(1)
  .describe("Who asks, for the record; where people log in it is whoever did, whatever is written here");
/** How a run is to stop. */
export const stopWish = z.object({
  by,
  keep: z.boolean().default(false).describe("Leave what is half done as it is, and ask for a person"),
  force: z.boolean().default(false).describe("Although it is a way back"),
});
/** What whoever answers wants to say. */
export const note = words(2000).nullable().default(null);
/** How many of a list, the newest first. */
export const limit = z.coerce.number({ error: notANumber }).int().min(1).max(500).default(50);
/** The row that a page ends before. */
export const rowNumber = z.coerce
  .number({ error: notANumber })
  .int()
  .min(1)
  .optional()
  .describe("Only rows with a smaller number: the next page");
/** How many of a list that is given whole without it. */
export const page = z.coerce
  .number({ error: notANumber })
  .int()
  .min(1)
  .max(1000)
  .optional()
  .describe("How many; all when left out");
/** A line of a log, from 1. */
export const lineNumber = z.coerce.number({ error: notANumber }).int().min(1).optional();
/** A byte of a log, from 0. */
export const bytePlace = z.coerce.number({ error: notANumber }).int().min(0).optional();
/** Whose logs. */
export const whichLogs = {
  environment: z.string().optional(),
  service: z.string().optional(),
  replica: z.string().optional(),
  run: z.string().optional(),
  job: z.string().optional(),
  step: z.string().optional(),
};
/** Yes or no in a query. */
export const flag = z.enum(["true", "false"]).default("false");
