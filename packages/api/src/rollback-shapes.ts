import { z } from "zod";
import { plan } from "./shapes.ts";

const milliseconds = z.number().nullable().describe("Milliseconds, by the last such moves here; null before the first");

export const rollbackPart = z
  .object({
    name: z.string(),
    kind: z.enum(["service", "static", "flags", "contracts", "database", "infrastructure"]),
    way: z
      .enum(["flip", "redeploy", "compensate", "irreversible"])
      .describe(
        "`flip`: what came before still runs, and traffic moves; `redeploy`: it is started again; `compensate`: made good by something else; `irreversible`: stays as it is",
      ),
    expected: milliseconds,
    note: z.string().nullable(),
  })
  .meta({ id: "RollbackPart" });

export const rollbackPlan = z
  .object({
    plan,
    parts: z.array(rollbackPart).describe("In the order in which they go back"),
    expected: milliseconds,
    joins: z.string().nullable().describe("The rollback under way that another one joins"),
    stops: z.string().nullable().describe("The deployment on its way there, which is stopped"),
    quarantines: z.string().nullable().describe("The release that is put into quarantine"),
    warnings: z.array(z.string()),
  })
  .meta({ id: "RollbackPlan" });
export type RollbackPlanShape = z.output<typeof rollbackPlan>;

export const quarantineShape = z
  .object({
    digest: z.string(),
    release: z.string().describe("The release by which it came to be there; all with the digest are"),
    reason: z.string(),
    by: z.string(),
    at: z.string().describe("ISO 8601, UTC"),
    cause: z.enum(["rollback", "failure", "person"]),
    run: z.string().nullable().describe("The deployment that put it there"),
    environment: z.string().nullable(),
    lifted: z.object({ by: z.string(), because: z.string(), at: z.string() }).nullable(),
  })
  .meta({ id: "Quarantine" });
export type QuarantineShape = z.output<typeof quarantineShape>;
