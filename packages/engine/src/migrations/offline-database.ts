import type { Command, ServiceMigrations } from "@fairway/core";

/**
 * Of the right kind, and nobody listens there: printing SQL asks no database, and one that is asked by mistake says no at once.
 */
const nowhere = "postgresql://offline@127.0.0.1:9/offline";

/**
 * A command that prints the SQL of migrations, with a connection string that leads nowhere: many programs of migrations read
 * theirs at once, also where they only print. What the command itself is given counts.
 */
export const withOfflineDatabase = (command: Command, { database }: Pick<ServiceMigrations, "database">): Command => ({
  ...command,
  env: { ["variable" in database ? database.variable : "DATABASE_URL"]: nowhere, ...command.env },
});
