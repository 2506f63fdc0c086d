import type { DeploymentPlan, ReleaseId } from "@fairway/core";
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

/**
 * The versions of secrets that services of a release are given in an environment: those of its deployment that is under way,
 * else of the last that was carried through. A replica that dies long after is started with what the others have.
 */
export async function secretsGiven(
  sql: Sql,
  environment: string,
  release: ReleaseId,
): Promise<Readonly<Record<string, string>>> {
  const [last] = await sql.rows<{ secrets: Readonly<Record<string, string>> | null }>(
    `select secrets from fairway.deployments
     where environment = $1 and release = $2 and secrets is not null and (outcome is null or outcome = 'deployed')
     order by outcome is not null, place desc nulls first limit 1`,
    [environment, release],
  );
  return last?.secrets ?? {};
}
