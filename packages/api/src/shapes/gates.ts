import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const freezeOverride = z
  .object({
    given: z.array(z.object({ by: z.string(), because: z.string(), at: timestamp })),
    missing: z.number().describe("How many more people must say so"),
  })
  .meta({ id: "FreezeOverride" });
export type FreezeOverrideShape = z.output<typeof freezeOverride>;
