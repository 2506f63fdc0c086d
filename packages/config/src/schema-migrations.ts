import { migrationTools } from "@fairway/core";
import { z } from "zod";
import { environmentVariableForm, secretForm } from "./forms.ts";
import type { Migrations, TimedCommand } from "./project-config.ts";
import { duration, form, text } from "./schema-parts.ts";

const folder = text("must be a path").min(1, { error: 'must be a path; "." is the folder itself' });

const database = z
  .union(
    [
      form(environmentVariableForm, "must be the name of an environment variable: letters, digits and _"),
      z.strictObject({ secret: form(secretForm, "must be the name of a secret: letters, digits and _") }),
    ],
    { error: 'must be the name of a variable of the service, or { secret: "NAME" }' },
  )
  .optional()
  .meta({
    description:
      "What holds the connection string: a variable of the service, or a secret of the environment that the service itself is not given.",
    default: "DATABASE_URL",
    examples: ["DATABASE_URL", { secret: "MIGRATOR_URL" }],
  });

/** The migrations of a service's database; commands are given, for they belong to the schema of services. */
export const migrations = (timedCommand: z.ZodType<TimedCommand>): z.ZodType<Migrations> =>
  z
    .union(
      [
        folder,
        z.strictObject({
          folder: folder.meta({
            description:
              "The folder that holds them, relative to the service's folder; it may lie elsewhere in the repository.",
            examples: ["migrations", "prisma/migrations", "alembic/versions"],
          }),
          tool: z
            .enum(migrationTools, { error: `must be one of ${migrationTools.join(", ")}` })
            .optional()
            .meta({ description: "Whose layout it is. Without it the folder says." }),
          sql: timedCommand.optional().meta({
            description:
              "Prints the SQL of all migrations from the first on, where they are programs. Alembic's is `alembic upgrade base:head --sql`.",
            examples: ["poetry run alembic upgrade base:head --sql"],
          }),
          baseline: text("must be the name of a migration")
            .min(1, { error: "must be the name of a migration" })
            .optional()
            .meta({
              description:
                "The newest migration that was applied everywhere before Fairway came. It and those before it are not linted; they are still run where a database lacks them.",
              examples: ["20250611093000_totals"],
            }),
          database,
          shadow: z
            .union(
              [
                z.literal(false),
                z.strictObject({
                  secret: form(secretForm, "must be the name of a secret: letters, digits and _"),
                }),
              ],
              { error: 'must be false, or { secret: "NAME" }' },
            )
            .optional()
            .meta({
              description:
                "Where a release tries them before they run anywhere: by default on a PostgreSQL of Fairway's own. A secret names another one, with the extensions that yours has, by a connection string whose role may make databases (CREATEDB). `false` tries them nowhere, and then no way back counts as tried.",
              examples: [{ secret: "SHADOW_DATABASE_URL" }, false],
            }),
          lockTimeout: duration(1).optional().meta({
            description:
              "How long a statement waits for a lock. After that it lets others pass and is tried again, up to six times.",
            default: "5s",
          }),
          statementTimeout: duration(1)
            .optional()
            .meta({ description: "How long one statement may take.", default: "30m", examples: ["2m"] }),
          bake: duration(0)
            .optional()
            .meta({
              description:
                "How long after the verified rollout what the old version needs is taken away (contract migrations). Meanwhile the deployment holds the environment.",
              default: "0s",
              examples: ["10m"],
            }),
          backup: timedCommand.optional().meta({
            description:
              "Run before the database of an environment is changed, in the repository's folder, with the connection string in `DATABASE_URL`, and in `PGHOST`, `PGDATABASE` and so on for PostgreSQL's own programs. A command that fails keeps the migrations from running. Without it there is a restore point in the database's log where the role may make one, else its position is noted; Fairway keeps no copy itself.",
            examples: ["pg_dump --format=custom --file=/var/backups/shop.dump"],
          }),
        }),
      ],
      { error: 'must be a folder such as "migrations", or { folder, tool, sql, database, … }' },
    )
    .meta({
      id: "Migrations",
      description:
        "The migrations of the service's PostgreSQL. They are read and linted when a release is made; a deployment runs those that expand before the rollout, and those that contract once nothing of the old version runs.",
      examples: ["migrations", { folder: "prisma/migrations", bake: "10m" }],
    });
