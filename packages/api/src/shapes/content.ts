import { z } from "zod";
import { timestamp } from "./timestamp.ts";

export const disclosuresShape = z
  .object({
    commit: z.string(),
    digest: z.string().describe("Of what people see and of the rules: a yes is bound to it"),
    state: z
      .enum(["failure", "action_required", "success"])
      .describe("Something is to be mended, or somebody has to say yes, or has"),
    findings: z.array(
      z.object({
        file: z.string(),
        line: z.number(),
        code: z.enum(["missing", "forbidden", "unreadable"]),
        message: z.string(),
      }),
    ),
    approved: z.object({ by: z.string(), at: timestamp }).nullable(),
  })
  .meta({ id: "Disclosures" });
export type DisclosuresShape = z.output<typeof disclosuresShape>;

export const releaseNoticeShape = z
  .object({
    release: z.string(),
    digest: z.string().describe("Of the pack's files: with the same ones the time goes on"),
    files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number() })),
    to: z.array(z.string()).describe("Roles that each have to have it"),
    receipts: z.array(z.object({ role: z.string(), by: z.string(), at: timestamp })),
    state: z.enum(["ok", "due", "unknown"]),
    why: z.string(),
    from: timestamp.nullable().describe("From when on it counts; null where nobody knows yet"),
  })
  .meta({ id: "ReleaseNotice" });
export type ReleaseNoticeShape = z.output<typeof releaseNoticeShape>;

export const packetShape = z
  .object({
    commit: z.string(),
    digest: z.string(),
    sections: z.array(
      z.object({
        title: z.string(),
        sources: z.array(z.object({ path: z.string(), sha256: z.string() })),
        lines: z.array(z.string()),
      }),
    ),
    markdown: z.string(),
  })
  .meta({ id: "KnowledgePacket" });
export type PacketShape = z.output<typeof packetShape>;

export const summaryShape = z
  .object({
    from: z.string(),
    until: z.string().describe("A day that is no part of it"),
    incidents: z.number(),
    open: z.number(),
    overdue: z.number().describe("Follow-ups whose day is over"),
    markdown: z.string(),
    digest: z.string(),
  })
  .meta({ id: "OperationsSummary" });
export type SummaryShape = z.output<typeof summaryShape>;

export const educationShape = z
  .object({
    id: z.string(),
    title: z.string(),
    owner: z.string(),
    at: z.string().describe("A file of the repository, or an address"),
    kpi: z.object({ name: z.string(), atLeast: z.number().nullable(), atMost: z.number().nullable() }).nullable(),
    state: z.enum(["unmeasured", "met", "missed"]).describe("What nobody has measured is never well"),
    value: z.number().nullable(),
    measured: z
      .array(z.object({ at: timestamp, value: z.number().nullable(), outcome: z.string() }))
      .describe("The newest first"),
    duty: z.object({ id: z.string(), state: z.string(), why: z.string(), dueAt: timestamp.nullable() }).nullable(),
  })
  .meta({ id: "EducationAsset" });
export type EducationShape = z.output<typeof educationShape>;
