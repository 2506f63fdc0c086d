import { z } from "zod";
import type { Route } from "../route.ts";
import { routes } from "../routes.ts";
import { standingMigrations } from "../shapes/migration.ts";
import { by, environmentName, none } from "./inputs.ts";

/** Migrations of users' databases, besides what deployments do. */
export const migrationOperations = {
  migrations: {
    ...routes.migrations,
    summary: "How the migrations of each service stand in an environment, read from its databases.",
    access: "read",
    params: environmentName,
    query: z.object({ release: z.string().optional().describe("The one that runs there when left out") }),
    body: null,
    answer: z.array(standingMigrations),
    kind: "json",
  },
  resolveMigration: {
    ...routes.resolveMigration,
    summary: "Says what has become of a migration that was left half done, or was applied by hand.",
    access: "change",
    params: environmentName.extend({ migration: z.string().min(1).max(300) }),
    query: none,
    body: z.object({
      as: z.enum(["applied", "pending"]).describe("It is done, or it is still to be run"),
      through: z.boolean().default(false).describe("The same of all before it"),
      service: z.string().max(60).nullable().default(null).describe("Where several have one of its name"),
      by,
    }),
    answer: z.object({ service: z.string(), resolved: z.array(z.string()) }),
    kind: "json",
  },
} as const satisfies Record<string, Route>;
