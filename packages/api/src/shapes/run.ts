import { states } from "@fairway/core";
import { z } from "zod";
import { outcomeShape } from "./outcome.ts";
import { timestamp } from "./timestamp.ts";

export const state = z.enum(states).describe("The one list of states");

export const step = z
  .object({
    name: z.string(),
    title: z.string().nullable().describe("What people call it, where the name does not tell"),
    state,
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: "Step" });

export const job = z
  .object({
    name: z.string(),
    stage: z.string(),
    state,
    needs: z.array(z.string()),
    attempt: z.number(),
    message: z.string().nullable().describe("What it is doing or waiting for now"),
    reason: z.string().nullable().describe("Why it did not succeed, with its evidence"),
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    steps: z.array(step),
  })
  .meta({ id: "Job" });
export type JobShape = z.output<typeof job>;

export const approvalAnswer = z.object({
  by: z.string(),
  answer: z.enum(["yes", "no"]),
  at: timestamp,
  note: z.string().nullable(),
});

export const approvalRequest = z
  .object({
    digest: z.string().describe("Of the plan; an answer must repeat it, and counts for nothing else"),
    needed: z.number(),
    given: z.array(approvalAnswer),
    until: z.string().describe("What is still waited for, as words"),
    step: z
      .object({
        service: z.string(),
        weight: z.number().describe("Percent of the traffic that the new release has"),
        question: z.string(),
      })
      .nullable()
      .describe("What a rollout asks before it goes on; null where the deployment as a whole is asked about"),
    infrastructure: z
      .object({
        plan: z.number().nullable().describe("The plan that would be applied; null where a kept state is put back"),
        names: z.array(z.string()).describe("What an approval must name, because it is taken away"),
      })
      .nullable()
      .describe("What of infrastructure is asked about; null where it is something else"),
  })
  .meta({ id: "ApprovalRequest" });

/** Why a run needs a person. */
export const attention = z
  .object({
    why: z.string(),
    action: z.string(),
    interrupted: z
      .string()
      .nullable()
      .describe("The job that was cut off, of which a person may say that it is done; null where there is none"),
  })
  .meta({ id: "Attention" });

export const runSummary = z
  .object({
    id: z.string(),
    kind: z.enum(["release", "deployment", "workflow", "infrastructure", "preview", "verification", "duty"]),
    title: z.string(),
    state,
    stopping: z.boolean(),
    paused: z
      .object({ by: z.string(), because: z.string().nullable(), since: timestamp })
      .nullable()
      .describe("Who holds a deployment where it is; null while it goes on"),
    attention: attention.nullable(),
    requestedBy: z.string(),
    environment: z.string().nullable(),
    release: z.string().nullable(),
    createdAt: timestamp,
    startedAt: timestamp.nullable(),
    endedAt: timestamp.nullable(),
    next: z.array(z.string()).describe("Runs that this one started"),
  })
  .meta({ id: "RunSummary" });
export type RunSummary = z.output<typeof runSummary>;

export const run = runSummary
  .extend({
    jobs: z.array(job),
    approval: approvalRequest.nullable(),
    lock: z
      .object({ by: z.string(), reason: z.string() })
      .nullable()
      .describe("The person's lock that it waits behind; null while it waits for none"),
    outcome: outcomeShape
      .nullable()
      .describe("How a deployment truly ended; null while it goes on, and for other runs"),
  })
  .meta({ id: "Run" });
export type Run = z.output<typeof run>;
