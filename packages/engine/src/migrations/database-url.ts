import type { Release, SecretSource, ServiceMigrations } from "@fairway/core";
import { FairwayError, environmentOf, serviceOf } from "@fairway/core";
import type { Places } from "../rollouts/places.ts";
import { valuesOf } from "../stages/step-command.ts";

/** What a connection string is looked up by. */
export interface DatabaseUrlParts {
  readonly secrets: SecretSource;
  readonly places: Pick<Places, "databaseUrl">;
}

/** Whether a service's database is one that Fairway made for it on its own server. */
export const isOnOwnServer = (
  { project }: Pick<Release, "project">,
  service: string,
  { database }: Pick<ServiceMigrations, "database">,
): boolean =>
  "variable" in database && database.variable === "DATABASE_URL" && serviceOf(project, service)?.database === true;

/**
 * The connection string of the database that a service's migrations change in an environment. Throws `secret_missing`, and
 * `not_found` where the release has no such service there.
 */
export async function migratedDatabaseUrl(
  { secrets, places }: DatabaseUrlParts,
  { id, project }: Pick<Release, "id" | "project">,
  environment: string,
  service: string,
  { database }: Pick<ServiceMigrations, "database">,
): Promise<string> {
  if ("secret" in database)
    return (await valuesOf(secrets, environment, { url: { secret: database.secret } }))["url"] ?? "";
  const { variable } = database;
  if (isOnOwnServer({ project }, service, { database })) return places.databaseUrl(environment, service);
  const placement = environmentOf(project, environment)?.placements.find((one) => one.service === service);
  const value = placement?.env[variable];
  if (value === undefined)
    throw new FairwayError("not_found", `${id} says nothing of ${variable} of ${service} in ${environment}`);
  return typeof value === "string" ? value : ((await valuesOf(secrets, environment, { url: value }))["url"] ?? "");
}
