import { z } from "zod";

const migrationClass = z.enum(["expand", "contract", "data", "irreversible", "unknown"]);

/** A migration of a plan. */
export const plannedMigration = z.object({
  service: z.string(),
  id: z.string(),
  title: z.string(),
  file: z.string(),
  checksum: z.string(),
  class: migrationClass,
  direction: z.enum(["forward", "back"]).describe("back: its own way back is run"),
  phase: z
    .enum(["before-rollout", "after-rollout"])
    .describe("While the old version still answers, or once nothing of it runs any more"),
  locks: z.array(z.string()).describe("Tables that others are kept from while it runs"),
  reasons: z.array(z.string()).describe("Why it has its class"),
});

/** The migrations of one service as they stand in an environment. */
export const standingMigrations = z
  .object({
    service: z.string(),
    release: z.string(),
    tool: z.enum(["sql", "prisma", "drizzle", "flyway", "alembic"]),
    folder: z.string(),
    range: z
      .object({ from: z.string().nullable(), to: z.string().nullable() })
      .describe("The newest migration that the release needs, and the newest that it knows"),
    unreachable: z.string().nullable().describe("Why the database could not be asked"),
    migrations: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        file: z.string().nullable().describe("null: not in this release"),
        class: migrationClass,
        state: z.enum(["applied", "pending", "running", "failed"]),
        appliedAt: z.string().nullable(),
        trouble: z.string().nullable(),
        adoptedFrom: z.string().nullable().describe("The tool whose own record says so"),
      }),
    ),
    problems: z.array(z.string()),
  })
  .meta({ id: "StandingMigrations" });
export type StandingMigrationsShape = z.output<typeof standingMigrations>;
