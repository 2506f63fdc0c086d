import type { MigrationControl } from "@fairway/engine";
import type { Handlers } from "./http-server.ts";

/** What is asked of migrations besides deployments. */
export const migrationHandlers = (migrations: MigrationControl): Pick<Handlers, "migrations" | "resolveMigration"> => ({
  migrations: async ({ environment, release }) =>
    (await migrations.status(environment, release ?? null)).map((one) => ({
      ...one,
      range: { ...one.range },
      migrations: one.migrations.map((migration) => ({ ...migration })),
      problems: [...one.problems],
    })),
  resolveMigration: async ({ environment, migration, as, through, service }, { actor }) => {
    const answer = await migrations.resolve({ environment, id: migration, as, through, service, actor });
    return { service: answer.service, resolved: [...answer.resolved] };
  },
});
