import { z } from "zod";

const scanned = {
  source: z.string(),
  size: z.number().describe("How many bytes the log has now"),
  ended: z.boolean().describe("Whether no more will come"),
  next: z.number().nullable().describe("The byte to go on from; null when all there is was looked at"),
};

export const logMatches = z
  .object({
    ...scanned,
    matches: z.array(
      z.object({
        offset: z.number().describe("Where its line begins, in bytes"),
        line: z.number().nullable().describe("The number of its line, from 1, where it is known"),
        column: z.number().describe("Where it begins in the line as it is shown, from 1"),
        text: z
          .string()
          .describe("The line as it is shown, without what steers a terminal; at most 400 characters around it"),
      }),
    ),
  })
  .meta({ id: "LogMatches" });

export const logMarks = z
  .object({
    ...scanned,
    marks: z.array(
      z.object({
        offset: z.number(),
        line: z.number().nullable(),
        kind: z.enum(["group", "endgroup", "error", "warning", "notice"]),
        text: z.string(),
      }),
    ),
  })
  .meta({ id: "LogMarks" });
export type LogMatches = z.output<typeof logMatches>;
export type LogMarks = z.output<typeof logMarks>;
