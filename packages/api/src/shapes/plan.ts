import { z } from "zod";
import { plannedMigration } from "./migration.ts";
import { revision } from "./revision.ts";
import { strategy } from "./strategy.ts";

export const plan = z
  .object({
    digest: z.string(),
    environment: z.string(),
    release: z.string(),
    releaseDigest: z.string(),
    revision,
    from: z.string().nullable(),
    reason: z.enum(["deploy", "promotion", "rollback"]),
    rollouts: z.array(
      z.object({
        service: z.string(),
        action: z.enum(["start", "replace", "restart"]),
        from: z.string().nullable(),
        to: z.string(),
        replicas: z.number(),
        strategy,
        artifact: z.string(),
        after: z.array(z.string()),
      }),
    ),
    infrastructure: z
      .array(
        z.object({
          name: z.string(),
          program: z.enum(["terraform", "tofu", "commands"]),
          folder: z.string(),
          after: z.array(z.string()).describe("Stacks that are applied before it"),
          approvals: z
            .number()
            .describe("How many people must say yes to its plan; one is asked anyway about what is guarded and goes"),
          phase: z.enum(["before-services", "after-services"]),
        }),
      )
      .optional()
      .describe("Stacks that are planned, asked about and applied; absent where there are none"),
    migrations: z
      .array(plannedMigration)
      .optional()
      .describe("What it does to databases; absent where that is nothing"),
    contracts: z
      .array(
        z.object({
          service: z.string(),
          chain: z.number(),
          safe: z
            .object({ address: z.string(), threshold: z.number(), owners: z.number() })
            .nullable()
            .describe("The wallet that is asked; null where a key of a test network acts"),
          calls: z.array(z.string()).describe("Decoded, in the order in which they are made"),
          irreversible: z.array(z.string()).describe("What no way back undoes"),
          gas: z
            .array(z.string())
            .readonly()
            .optional()
            .describe("What its tests take of gas and took in the release that is there, where they differ"),
          obstacles: z.array(z.string()),
        }),
      )
      .optional()
      .describe("What it does to smart contracts; absent where there are none"),
    secrets: z
      .array(
        z.object({
          name: z.string(),
          version: z.string().nullable().describe("null: it has no value"),
          from: z.string().nullable().describe("With which the deployment before was started; null: none, or unknown"),
        }),
      )
      .optional()
      .describe("The versions of secrets that it starts services with; absent where it refers to none"),
    retired: z.array(z.string()),
    leftOut: z.array(z.object({ service: z.string(), reason: z.string() })),
    approvals: z.number(),
    obstacles: z.array(z.string()),
    warnings: z
      .array(z.string())
      .optional()
      .describe("What should be known before anybody says yes, and keeps nothing from happening"),
    only: z.array(z.string()).optional().describe("The only services that move; absent where all do"),
  })
  .meta({ id: "Plan" });
export type Plan = z.output<typeof plan>;
