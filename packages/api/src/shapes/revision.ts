import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const revision = z
  .object({
    sha: z.string(),
    short: z.string(),
    subject: z.string(),
    author: z.string(),
    committedAt: timestamp,
    ref: z.string().nullable(),
  })
  .meta({ id: "Revision" });
