import { z } from "zod";
import { timestamp } from "./timestamp.ts";

const variantValue = z.unknown().describe("A boolean, a string, a number or an object");

export const flagDefinition = z
  .object({
    state: z.enum(["ENABLED", "DISABLED"]).describe("`DISABLED`: everybody gets the default in the code that asks"),
    variants: z.record(z.string(), variantValue),
    defaultVariant: z.string().nullable().optional(),
    targeting: z.unknown().optional().describe("A rule in JsonLogic that answers with the name of a variant"),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .meta({ id: "FlagDefinition", description: "A feature flag as flagd writes it" });

export const flagShape = z
  .object({
    environment: z.string(),
    key: z.string(),
    version: z.number().describe("The version of the environment's flags in which it was changed last"),
    changedAt: timestamp,
    gives: z.string().describe("What it gives now, in words"),
    definition: flagDefinition,
  })
  .meta({ id: "Flag" });
export type FlagShape = z.output<typeof flagShape>;

export const flagChange = z
  .object({
    environment: z.string(),
    key: z.string(),
    version: z.number(),
    action: z.enum(["create", "change", "on", "off", "rollout", "kill", "remove", "import"]),
    before: flagDefinition.nullable(),
    after: flagDefinition.nullable(),
    gave: z.string().nullable(),
    gives: z.string().nullable(),
    by: z.string(),
    reason: z.string().nullable(),
    at: timestamp,
  })
  .meta({ id: "FlagChange" });
export type FlagChangeShape = z.output<typeof flagChange>;

export const staleFlag = z
  .object({
    environment: z.string(),
    key: z.string(),
    variant: z.string().nullable().describe("What everybody gets; null: the default in the code"),
    since: timestamp,
    days: z.number(),
  })
  .meta({ id: "StaleFlag" });
export type StaleFlagShape = z.output<typeof staleFlag>;

export const flagSet = z
  .object({
    flags: z.record(z.string(), flagDefinition),
    $evaluators: z.record(z.string(), z.unknown()).optional().describe("Rules that flags share, by name"),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .meta({ id: "FlagSet", description: "The flags of an environment as flagd writes them" });

export const flagImport = z
  .object({
    environment: z.string(),
    version: z.number(),
    changes: z.array(
      z.object({
        key: z.string(),
        change: z.enum(["added", "removed", "changed"]),
        gave: z.string().nullable(),
        gives: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "FlagImport" });
export type FlagImportShape = z.output<typeof flagImport>;

export const flagAccess = z
  .object({
    environment: z.string(),
    kind: z.enum(["server", "client"]),
    key: z.string().describe("Sent as `Authorization: Bearer …`; a `server` key is a secret"),
    url: z.string().describe("The base URL for an OFREP provider"),
    origins: z.array(z.string()).describe("Whose pages may ask, beside the environment's own"),
  })
  .meta({ id: "FlagAccess" });
export type FlagAccessShape = z.output<typeof flagAccess>;
