import { z } from "zod";
import { timestamp } from "./timestamp.ts";

/** A secret without its value, which nothing ever shows. */
export const secretShape = z.object({
  name: z.string(),
  environment: z.string().nullable().describe("null: every environment that has none of its own"),
  version: z.number().describe("The one that is given"),
  versions: z
    .array(
      z.object({
        version: z.number(),
        at: timestamp,
        by: z.string(),
        reference: z.string().nullable().describe("Where another store keeps the value"),
        repeats: z.number().nullable().describe("The version that it repeats"),
      }),
    )
    .describe("The newest first"),
  consumers: z
    .array(
      z.object({
        environment: z.string(),
        service: z.string().nullable().describe("null: every service of the environment"),
        variable: z.string(),
      }),
    )
    .describe("What the newest configuration gives it to"),
});

/** What came of a change to a secret. */
export const secretChanged = z.object({
  name: z.string(),
  environment: z.string().nullable(),
  version: z.number(),
  changed: z.boolean().describe("False when it held just this already"),
});

export type SecretShape = z.output<typeof secretShape>;
export type SecretChangedShape = z.output<typeof secretChanged>;
