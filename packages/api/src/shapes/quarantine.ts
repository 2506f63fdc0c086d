import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const quarantineNote = z.object({ by: z.string(), reason: z.string(), at: timestamp });

export const quarantineShape = z
  .object({
    digest: z.string(),
    release: z.string().describe("The release by which it came to be there; all with the digest are"),
    reason: z.string(),
    by: z.string(),
    at: timestamp,
    cause: z.enum(["rollback", "failure", "person"]),
    run: z.string().nullable().describe("The deployment that put it there"),
    environment: z.string().nullable(),
    lifted: z.object({ by: z.string(), because: z.string(), at: z.string() }).nullable(),
  })
  .meta({ id: "Quarantine" });
export type QuarantineShape = z.output<typeof quarantineShape>;
