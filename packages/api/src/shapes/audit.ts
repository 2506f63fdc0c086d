import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const actor = z.object({
  kind: z.enum(["person", "token", "system"]),
  id: z.string(),
  name: z.string(),
  owner: z.object({ id: z.string(), name: z.string() }).optional(),
});

/** A change, a decision or a refusal, as it was put on record. */
export const auditEntry = z.object({
  number: z.number(),
  at: timestamp,
  actor,
  action: z.string(),
  subject: z.string(),
  environment: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});

/** A row of the record, from which anybody can work out its hash. */
export const auditRow = z.object({
  number: z.number(),
  entry: z.string().describe("Exactly the text that was hashed: an entry as canonical JSON"),
  hash: z.string().describe("SHA-256 of the hash before, 64 zeros at first, and the entry"),
  signedBy: z.string().nullable(),
  signature: z.string().nullable().describe("Ed25519 over `fairway audit`, a line feed and the hash, in base64"),
});

/** The last entry at some moment, signed and kept outside the database. */
export const auditHead = z.object({
  kind: z.enum(["head", "restored"]),
  number: z.number(),
  hash: z.string(),
  at: timestamp,
  key: z.string(),
  signature: z.string(),
});

/** Whether the record is what was written. */
export const auditFinding = z.object({
  whole: z.boolean(),
  rows: z.number(),
  firstBad: z.number().nullable().describe("The number of the first row that is not as it was written"),
  problem: z.string().nullable(),
  head: z.number().nullable().describe("The newest row that a signed head outside vouches for"),
  headsIn: z.string().describe("Where the heads lie"),
  notes: z.array(z.string()),
});

export type AuditEntryShape = z.output<typeof auditEntry>;
export type AuditRowShape = z.output<typeof auditRow>;
export type AuditHeadShape = z.output<typeof auditHead>;
export type AuditFindingShape = z.output<typeof auditFinding>;
