import type { Project, SecretPlanFacts, SecretSource } from "@fairway/core";
import { secretNamesOf, secretScopeOf } from "@fairway/core";

/** What is needed to say which versions of secrets a deployment would start with. */
export interface SecretPlanParts {
  readonly secrets: SecretSource;
  readonly deployments: {
    /** The versions of secrets that what an environment runs was started with. */
    secretsOf?(environment: string): Promise<Readonly<Record<string, string>>>;
  };
}

/** The versions of the secrets that a project refers to in an environment; undefined where it refers to none. */
export async function secretPlanFacts(
  { secrets, deployments }: SecretPlanParts,
  project: Project,
  environment: string,
): Promise<{ readonly secrets?: SecretPlanFacts }> {
  const names = secretNamesOf(project)[environment] ?? [];
  const scope = secretScopeOf(project, environment);
  const now = scope === null ? undefined : await secrets.versions?.(scope, names);
  if (names.length === 0 || now === undefined) return {};
  return { secrets: { names, now, before: (await deployments.secretsOf?.(environment)) ?? {} } };
}
