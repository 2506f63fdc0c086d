import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { noticeShape } from "../shapes/notice.ts";
import { by, limit, none, rowNumber } from "./inputs.ts";

/** What people are told, and whether it arrived. */
export const noticeOperations = {
  notices: {
    ...routes.notices,
    summary: "What people were or will be told, newest first.",
    access: "read",
    params: none,
    query: z.object({
      state: z.enum(["waiting", "told", "dead"]).optional(),
      channel: z.string().optional(),
      before: rowNumber,
      limit,
    }),
    body: null,
    answer: z.array(noticeShape),
    kind: "json",
  },
  testNotice: {
    ...routes.testNotice,
    summary: "Has a channel told that it works.",
    access: "change",
    params: none,
    query: none,
    body: z.object({ channel: z.string().min(1).max(60), by }),
    answer: z.object({ channel: z.string() }),
    kind: "json",
  },
  retryNotices: {
    ...routes.retryNotices,
    summary: "Tries what was given up again: one notice, or all of them and what the forge was not told.",
    access: "change",
    params: none,
    query: none,
    body: z.object({ number: z.number().int().min(1).nullable().default(null), by }),
    answer: z.object({ retried: z.number() }),
    kind: "json",
  },
} as const satisfies Record<string, Route>;
