import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const freezeOverride = z
  .object({
    given: z.array(z.object({ by: z.string(), because: z.string(), at: timestamp })),
    missing: z.number().describe("How many more people must say so"),
  })
  .meta({ id: "FreezeOverride" });
/** A freeze of the configuration, with the time that it is open now or opens next. */
export const freezeTimes = z
  .object({
    environment: z.string(),
    because: z.string(),
    repeats: z.string().nullable().describe("The rule of RFC 5545 by which it comes again; null where it comes once"),
    timeZone: z.string().nullable().describe("Whose clocks the rule means"),
    open: z.boolean().describe("Whether it holds the environment now"),
    from: timestamp,
    to: timestamp.describe("The first moment at which it holds no longer"),
  })
  .meta({ id: "FreezeTimes" });
export type FreezeTimesShape = z.output<typeof freezeTimes>;

export type FreezeOverrideShape = z.output<typeof freezeOverride>;
