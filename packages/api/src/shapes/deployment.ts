import { z } from "zod";
import { deploymentOutcome, endingFields, evidenceShape } from "./outcome.ts";
import { attention, state } from "./run.ts";
import { timestamp } from "./timestamp.ts";

export const deployment = z
  .object({
    run: z.string(),
    environment: z.string(),
    release: z.string(),
    from: z.string().nullable(),
    reason: z.enum(["deploy", "promotion", "rollback"]),
    only: z.array(z.string()).nullable().describe("The services that moved; null where all did"),
    state,
    outcome: deploymentOutcome.nullable().describe("How it left the environment; null while that is not known"),
    ...endingFields,
    beganAt: timestamp,
    endedAt: timestamp.nullable(),
  })
  .meta({ id: "Deployment" });
export type DeploymentShape = z.output<typeof deployment>;

export const deploymentDetail = deployment
  .extend({
    attention: attention.nullable(),
    evidence: z.array(evidenceShape),
  })
  .meta({ id: "DeploymentDetail" });
export type DeploymentDetail = z.output<typeof deploymentDetail>;
