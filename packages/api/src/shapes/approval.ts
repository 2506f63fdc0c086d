import { z } from "zod";
import { infrastructurePlanSummary } from "./infrastructure.ts";
import { plan } from "./plan.ts";
import { releaseDiff } from "./release-details.ts";
import { approvalAnswer } from "./run.ts";

export const approvalDetail = z
  .object({
    run: z.string(),
    title: z.string(),
    kind: z.enum(["deployment", "step", "infrastructure"]),
    environment: z.string().nullable(),
    requestedBy: z.string(),
    digest: z.string().describe("That an answer must repeat"),
    needed: z.number(),
    given: z.array(approvalAnswer),
    until: z.string().describe("What is still waited for, as words"),
    from: z
      .array(z.string())
      .describe("Whose yes counts, as `role approver` and names; everybody's who may approve there, when empty"),
    notFrom: z
      .array(z.object({ name: z.string(), because: z.string() }))
      .describe("Whose yes does not count: who asked for it, and who wrote commits of it; held to where people log in"),
    you: z
      .object({ may: z.boolean(), reason: z.string().nullable() })
      .describe("Whether your answer would count, and why not"),
    lasts: z
      .number()
      .nullable()
      .describe("How long a yes counts, in milliseconds; null where it counts until something else voids it"),
    voids: z.array(z.string()).describe("What makes an approval worth nothing before it is used"),
    plan: plan.nullable().describe("Exactly what is approved; null where it is a plan of infrastructure"),
    changes: releaseDiff
      .nullable()
      .describe(
        "What the release brings to what ran there when it was asked for: commits, settings, flags, secrets by name",
      ),
    now: z
      .object({
        differences: z
          .array(z.string())
          .describe("In what a plan made now differs: it would be refused when it begins"),
        problem: z.string().nullable().describe("Why it could not be planned now"),
      })
      .nullable(),
    infrastructure: z
      .object({ plan: infrastructurePlanSummary.nullable(), names: z.array(z.string()) })
      .nullable()
      .describe("The plan of a stack, with what an approval must name"),
    step: z.object({ service: z.string(), weight: z.number(), question: z.string() }).nullable(),
  })
  .meta({ id: "ApprovalDetail" });
export type ApprovalDetail = z.output<typeof approvalDetail>;
