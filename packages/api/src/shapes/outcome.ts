import { deploymentOutcomes } from "@fairway/core";
import type { DeploymentOutcome } from "@fairway/core";
import { z } from "zod";

const names = Object.keys(deploymentOutcomes) as [DeploymentOutcome, ...DeploymentOutcome[]];

export const deploymentOutcome = z
  .enum(names)
  .describe(names.map((name) => `*${name}*: ${deploymentOutcomes[name].replace(/\.$/, "")}`).join("; "));

/** How a deployment ended, beside its outcome. */
export const endingFields = {
  restored: z
    .boolean()
    .nullable()
    .describe("Whether what ran before is back; null where nothing had to come back, and while it goes on"),
  supersededBy: z.string().nullable().describe("The run that brought a newer commit"),
  why: z.string().nullable().describe("What went wrong first"),
};

export const outcomeShape = z
  .object({ outcome: deploymentOutcome, from: z.string().nullable().describe("What ran before"), ...endingFields })
  .meta({ id: "Outcome" });
export type OutcomeShape = z.output<typeof outcomeShape>;

export const evidenceShape = z
  .object({
    service: z.string(),
    replica: z.string(),
    release: z.string(),
    reason: z.string().nullable().describe("Why it failed, as its host said it"),
    exit: z
      .object({ code: z.number().nullable(), signal: z.string().nullable(), outOfMemory: z.boolean() })
      .nullable()
      .describe("How its process ended; null while it was alive, and when nobody saw it"),
    log: z.array(z.string()).describe("Its last 50 lines, secrets masked"),
    logWithheld: z.string().nullable().describe("Why its lines are not shown"),
    health: z
      .array(
        z.object({
          at: z.string(),
          status: z.number().nullable().describe("Null when there was no answer"),
          body: z.string().describe("How it began"),
          took: z.number().describe("Milliseconds"),
          error: z.string().nullable(),
        }),
      )
      .describe("The last answers about its health"),
    keptAt: z.string(),
  })
  .meta({ id: "Evidence", description: "What a failed replica left, from before it was forgotten" });
export type EvidenceShape = z.output<typeof evidenceShape>;
