import { z } from "zod";
import { plan } from "./plan.ts";

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
