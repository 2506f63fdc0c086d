import { z } from "zod";
import { auditEntry, auditFinding, auditHead, auditRow } from "../shapes/audit.ts";
import { timestamp } from "../shapes/timestamp.ts";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { limit, none, notANumber } from "./inputs.ts";

/** The record of changes, decisions and refusals. */
export const auditOperations = {
  audit: {
    ...routes.audit,
    summary: "What was changed, decided and refused, the newest first.",
    access: "audit",
    params: none,
    query: z.object({
      actor: z.string().max(200).optional(),
      action: z.string().max(60).optional().describe("A word of the list, or an area: `secret`"),
      subject: z.string().max(300).optional(),
      environment: z.string().max(60).optional(),
      since: timestamp.optional(),
      until: timestamp.optional(),
      before: z.coerce
        .number({ error: notANumber })
        .int()
        .min(1)
        .optional()
        .describe("Only rows with a smaller number"),
      limit,
    }),
    body: null,
    answer: z.array(auditEntry),
    kind: "json",
  },
  auditRows: {
    ...routes.auditRows,
    summary: "Rows of the record from a number on, with what it takes to verify them elsewhere, and the heads.",
    access: "audit",
    params: none,
    query: z.object({
      after: z.coerce.number({ error: notANumber }).int().min(0).default(0),
      limit: z.coerce.number({ error: notANumber }).int().min(1).max(5000).default(1000),
    }),
    body: null,
    answer: z.object({
      rows: z.array(auditRow),
      heads: z.array(auditHead),
      keys: z.array(z.object({ id: z.string(), publicKey: z.string() })).describe("In PEM"),
    }),
    kind: "json",
  },
  auditVerification: {
    ...routes.auditVerification,
    summary: "Whether the record is what was written, and if not which row is the first that is not.",
    access: "audit",
    params: none,
    query: none,
    body: null,
    answer: auditFinding,
    kind: "json",
  },
} as const satisfies Record<string, Route>;
