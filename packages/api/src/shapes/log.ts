import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const logLine = z
  .object({
    source: z.string(),
    offset: z.number().describe("Where the line begins, in bytes"),
    next: z.number().describe("Where the next one begins"),
    line: z.number().nullable().describe("Its number, from 1, where it is known"),
    at: timestamp.nullable(),
    text: z.string(),
  })
  .meta({ id: "LogLine" });
export type LogLine = z.output<typeof logLine>;

export const logWindow = z
  .object({
    source: z.string(),
    size: z.number().describe("How many bytes the log has now"),
    ended: z.boolean().describe("Whether no more will come"),
    next: z.number().describe("Where to go on from"),
    count: z.number().describe("How many lines the log has now"),
    lines: z.array(logLine),
  })
  .meta({ id: "LogWindow" });
export type LogWindow = z.output<typeof logWindow>;
