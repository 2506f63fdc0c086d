import type { Project, Value } from "../project/project.ts";
import type { Timestamp } from "../units.ts";

/** What a secret may be called: what every shell takes for the name of a variable. */
export const secretName: RegExp = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** The most bytes that a secret may have. */
export const longestSecret: number = 64 * 1024;

/** One version of a secret, without its value. */
export interface SecretVersionFacts {
  readonly version: number;
  readonly at: Timestamp;
  readonly by: string;
  /** Where the value is found, when another store keeps it. */
  readonly reference: string | null;
  /** The version that it repeats. */
  readonly repeats: number | null;
}

/** A secret without its value. */
export interface SecretFacts {
  readonly name: string;
  /** null: every environment that has none of its own. */
  readonly environment: string | null;
  /** Which version is given; null when the secret was removed. */
  readonly current: number | null;
  /** The newest first. */
  readonly versions: readonly SecretVersionFacts[];
}

/** Who is given a secret. */
export interface SecretConsumer {
  readonly environment: string;
  /** null: every service of the environment. */
  readonly service: string | null;
  readonly variable: string;
}

/** Everything in a project that is given a secret of this name, in the order of the configuration. */
export function consumersOf(project: Project, name: string): readonly SecretConsumer[] {
  const services = new Map(project.services.map((service) => [service.name, service.env]));
  return project.environments.flatMap(({ name: environment, variables, placements }) => [
    ...variablesOf(variables, name).map((variable) => ({ environment, service: null, variable })),
    ...placements.flatMap(({ service, env }) =>
      [...new Set([...variablesOf(services.get(service) ?? {}, name), ...variablesOf(env, name)])].map((variable) => ({
        environment,
        service,
        variable,
      })),
    ),
  ]);
}

const variablesOf = (values: Readonly<Record<string, Value>>, name: string): readonly string[] =>
  Object.entries(values).flatMap(([variable, value]) =>
    typeof value === "object" && value.secret === name ? [variable] : [],
  );
