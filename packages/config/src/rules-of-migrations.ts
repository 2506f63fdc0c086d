import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** Migrations run in deployments, against a database that every environment of the service names. */
export const migrationRules = ({ config, resolved: { project }, incomplete }: RuleFacts): readonly Finding[] =>
  project.services.flatMap(({ name, run, database, migrations }): readonly Finding[] => {
    if (migrations === undefined || incomplete) return [];
    const at: Path = ["services", name, "migrations"];
    if (run === null)
      return [
        {
          path: at,
          part: "key",
          code: "impossible",
          message: `${name} is not deployed, so nothing would run its migrations`,
          fix: 'give it "run", or name the folder at the service that uses the database: "../db/migrations"',
        },
      ];
    const { variable } = { variable: null, ...migrations.database };
    if (variable === null || (variable === "DATABASE_URL" && database)) return [];
    const without = project.environments.filter(({ placements }) =>
      placements.some(({ service, env }) => service === name && env[variable] === undefined),
    );
    const written = config.services[name]?.migrations;
    const named = typeof written === "object" && written.database !== undefined;
    return without.slice(0, 1).map((environment) => ({
      path: named ? [...at, "database"] : at,
      part: "value",
      code: "impossible",
      message: `${name} has no ${variable} in ${environment.name}, so nobody knows which database its migrations change`,
      fix: `set ${variable} in "env", give the service "database: true", or name a secret: database: { secret: "MIGRATOR_URL" }`,
    }));
  });
