import type { DeploymentPlan } from "@fairway/core";
import type { Sql } from "./store.ts";
import { json } from "./store.ts";

/** The versions of secrets that a plan starts services with, as they are kept: names and versions, never values. */
export function versionsOf({ secrets }: DeploymentPlan): string | null {
  const given = (secrets ?? []).filter(({ version }) => version !== null);
  return secrets === undefined ? null : json(Object.fromEntries(given.map(({ name, version }) => [name, version])));
}

/** The versions of secrets with which the last deployment to an environment was started that was carried through. */
export async function secretsOfCurrent(sql: Sql, environment: string): Promise<Readonly<Record<string, string>>> {
  const [last] = await sql.rows<{ secrets: Readonly<Record<string, string>> | null }>(
    `select secrets from fairway.deployments where environment = $1 and outcome = 'deployed' and only_services is null
     order by place desc limit 1`,
    [environment],
  );
  return last?.secrets ?? {};
}
