import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const noticeShape = z
  .object({
    number: z.number(),
    channel: z.string(),
    kind: z.string(),
    title: z.string(),
    environment: z.string().nullable(),
    run: z.string().nullable(),
    state: z.enum(["waiting", "told", "dead"]).describe("`dead`: it was given up, and only a person tries it again"),
    tries: z.number(),
    why: z.string().nullable().describe("Why it has not arrived"),
    madeAt: timestamp,
    endedAt: timestamp.nullable(),
  })
  .meta({ id: "Notice" });
export type NoticeShape = z.output<typeof noticeShape>;
