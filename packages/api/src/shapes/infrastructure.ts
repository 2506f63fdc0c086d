import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const count = z.object({ create: z.number(), update: z.number(), replace: z.number(), destroy: z.number() });
const planState = z.enum(["planned", "applying", "applied", "failed", "void", "unknown"]);

const field = z.object({
  path: z.string(),
  before: z.string().nullable().describe("As JSON; null where there is none, or it must not be shown"),
  after: z.string().nullable(),
  sensitive: z.boolean(),
  unknown: z.boolean().describe("Known only once it is done"),
  replaces: z.boolean().describe("Because of it the resource is made anew"),
});

const action = z.enum(["create", "update", "replace", "destroy", "read", "forget", "import", "move"]);

const change = z.object({
  address: z.string(),
  type: z.string(),
  action,
  from: z.string().nullable(),
  reason: z.string().nullable(),
  fields: z.array(field),
});

export const infrastructurePlanSummary = z
  .object({
    id: z.number(),
    run: z.string(),
    environment: z.string(),
    stack: z.string(),
    mode: z.enum(["change", "refresh-only", "destroy"]),
    release: z.string().nullable(),
    commit: z.string(),
    tool: z.string(),
    digest: z.string().describe("What approvals are bound to"),
    count,
    state: planState,
    why: z.string().nullable(),
    plannedAt: timestamp,
    expiresAt: timestamp,
    endedAt: timestamp.nullable(),
  })
  .meta({ id: "InfrastructurePlanSummary" });
export type InfrastructurePlanSummary = z.output<typeof infrastructurePlanSummary>;

export const infrastructurePlanShape = infrastructurePlanSummary
  .extend({
    workspace: z.string(),
    serial: z.number().nullable().describe("Of the state that it was made of; null where there was none"),
    lineage: z.string().nullable(),
    resources: z.number().describe("How many there are in all"),
    changes: z.array(change).describe("Those that were asked for, and that fit into an answer"),
    outputs: z.array(z.string()).describe("Outputs that change, by name"),
    shown: z.string().nullable().describe("What commands that people alone can read say of it"),
    contested: z
      .array(z.object({ address: z.string(), field: z.string(), by: z.string(), patch: z.string() }))
      .describe("Fields that deployments write too, with the lines to add to the code"),
    markdown: z.string().describe("As a comment of a pull request tells it"),
  })
  .meta({ id: "InfrastructurePlan" });
export type InfrastructurePlanShape = z.output<typeof infrastructurePlanShape>;

export const infrastructureStackShape = z
  .object({
    environment: z.string(),
    stack: z.string(),
    program: z.string(),
    folder: z.string(),
    after: z.array(z.string()),
    drift: z.array(z.string()).describe("When the world is compared with the code"),
    owner: z.string().nullable(),
    last: infrastructurePlanSummary.nullable().describe("The newest plan"),
    findings: z.number().describe("Differences that stand"),
  })
  .meta({ id: "InfrastructureStack" });
export type InfrastructureStackShape = z.output<typeof infrastructureStackShape>;

export const driftFindingShape = z
  .object({
    id: z.number(),
    environment: z.string(),
    stack: z.string(),
    address: z.string(),
    type: z.string(),
    kind: z.enum(["out-of-band", "ours"]).describe("Changed past the code, or in the code and not applied"),
    action,
    fields: z.array(field),
    because: z.array(z.string()).describe("Rules that say something of it, those that have expired too"),
    owner: z.string().nullable(),
    firstSeen: timestamp,
    lastSeen: timestamp,
    closedAt: timestamp.nullable(),
    closedBecause: z.string().nullable(),
  })
  .meta({ id: "DriftFinding" });
export type DriftFindingShape = z.output<typeof driftFindingShape>;

export const keptStateShape = z
  .object({
    id: z.number(),
    environment: z.string(),
    stack: z.string(),
    plan: z.number().nullable().describe("The plan before which it was kept"),
    serial: z.number().nullable(),
    digest: z.string(),
    bytes: z.number(),
    takenAt: timestamp,
  })
  .meta({ id: "KeptState" });
export type KeptStateShape = z.output<typeof keptStateShape>;
