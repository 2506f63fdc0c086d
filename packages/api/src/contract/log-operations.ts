import { z } from "zod";
import { logMarks, logMatches } from "../shapes/log-search.ts";
import { logLine, logWindow } from "../shapes/log.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { bytePlace, flag, lineNumber, none, notANumber, whichLogs } from "./inputs.ts";

/** How far one look through a log goes. */
const look = {
  offset: z.coerce
    .number({ error: notANumber })
    .int()
    .min(0)
    .default(0)
    .describe("The byte to begin at, where a line begins"),
  bytes: z.coerce
    .number({ error: notANumber })
    .int()
    .min(1)
    .max(64 * 1024 * 1024)
    .default(16 * 1024 * 1024)
    .describe("How far it goes"),
  most: z.coerce
    .number({ error: notANumber })
    .int()
    .min(1)
    .max(5_000)
    .default(500)
    .describe("How many are found at most"),
};

/** What services and steps wrote. */
export const logOperations = {
  logs: {
    ...routes.logs,
    summary:
      "Lines of services (by environment, service, replica) or of a run's steps; `follow` goes on with new ones.",
    access: "read",
    params: none,
    query: z.object({
      ...whichLogs,
      since: z.string().optional().describe("A time in ISO 8601 or a span like 10m"),
      grep: z.string().max(200).optional().describe("Only lines that contain this text"),
      lines: z.coerce
        .number({ error: notANumber })
        .int()
        .min(0)
        .max(100_000)
        .optional()
        .describe("Only the last so many of each source; with fromLine the first so many from there"),
      fromLine: lineNumber.describe("The number of the line to begin with, from 1"),
      after: z
        .string()
        .max(4000)
        .optional()
        .describe("The id of the last event that was seen, to go on behind it; the header Last-Event-ID says the same"),
      follow: flag,
    }),
    body: null,
    answer: logLine,
    kind: "stream",
  },
  logWindow: {
    ...routes.logWindow,
    summary: "A part of one log: lines from a number on, or those that begin within a range of bytes.",
    access: "read",
    params: none,
    query: z.object({
      ...whichLogs,
      line: lineNumber.describe("The number of the first line, from 1"),
      lines: z.coerce.number({ error: notANumber }).int().min(1).max(10_000).default(1000),
      offset: bytePlace.describe("The byte to begin at, where a line begins, instead of `line`"),
      bytes: z.coerce
        .number({ error: notANumber })
        .int()
        .min(1)
        .max(4 * 1024 * 1024)
        .default(256 * 1024)
        .describe("How far the lines go; the last may end behind it"),
    }),
    body: null,
    answer: logWindow,
    kind: "json",
  },
  logSearch: {
    ...routes.logSearch,
    summary: "Where a text stands in one log. A look goes so far; `next` says where to go on.",
    access: "read",
    params: none,
    query: z.object({
      ...whichLogs,
      text: z.string().min(1).max(200),
      exact: flag.describe("Capitals matter"),
      ...look,
    }),
    body: null,
    answer: logMatches,
    kind: "json",
  },
  logMarks: {
    ...routes.logMarks,
    summary:
      "Where the groups of one log begin and end, and its errors, warnings and notices. `next` says where to go on.",
    access: "read",
    params: none,
    query: z.object({ ...whichLogs, ...look }),
    body: null,
    answer: logMarks,
    kind: "json",
  },
  logFile: {
    ...routes.logFile,
    summary: "One log as a file to keep, with all that was written.",
    access: "read",
    params: none,
    query: z.object(whichLogs),
    body: null,
    answer: z.string(),
    kind: "file",
  },
} as const satisfies Record<string, Route>;
