import { z } from "zod";
import { logLine, logWindow } from "../shapes/log.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { bytePlace, flag, lineNumber, none, notANumber, whichLogs } from "./inputs.ts";

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
} as const satisfies Record<string, Route>;
