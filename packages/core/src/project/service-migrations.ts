import type { Millis } from "../units.ts";
import type { Command } from "./project.ts";

/** Whose way of laying out migrations a folder follows. */
export const migrationTools = ["sql", "prisma", "drizzle", "flyway", "alembic"] as const;

export type MigrationTool = (typeof migrationTools)[number];

/** The database that migrations change: by the service's own variable, or by a secret that the service is not given. */
export type MigratedDatabase = { readonly variable: string } | { readonly secret: string };

/** The migrations of a service's database, which its releases bring and its deployments run. */
export interface ServiceMigrations {
  /** Relative to the repository. */
  readonly folder: string;
  /** Null where the folder itself says. */
  readonly tool: MigrationTool | null;
  /** Prints the SQL of all migrations where they are programs; null where their files are SQL. */
  readonly sql: Command | null;
  /** The newest that was applied everywhere before Fairway came: nothing is said about it and those before. Absent without. */
  readonly baseline?: string | undefined;
  readonly database: MigratedDatabase;
  /**
   * Where they are tried before they run anywhere: a server of Fairway's own, one that a secret names, or nowhere. Absent in
   * releases from before they were tried.
   */
  readonly shadow?: "own" | "none" | { readonly secret: string } | undefined;
  /** How long a statement waits for a lock before it lets others pass and tries again. */
  readonly lockTimeout: Millis;
  /** How long a statement may take. */
  readonly statementTimeout: Millis;
  /** From the verified rollout until what the release before needs is taken away. */
  readonly bake: Millis;
  /** Keeps a copy of the database before it is changed; null where Fairway only notes the position in its log. */
  readonly backup: Command | null;
}
