import { reservedVariable } from "./forms.ts";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** Variables that Fairway sets itself. */
export function variableRules({ config }: RuleFacts): readonly Finding[] {
  const findings: Finding[] = [];

  function look(at: Path, values: Readonly<Record<string, unknown>> | undefined, database: boolean): void {
    for (const name of Object.keys(values ?? {})) {
      const why = database && name === "DATABASE_URL" ? "database: true sets it" : reservedVariable(name);
      if (why === null) continue;
      findings.push({
        path: [...at, name],
        part: "key",
        code: "reserved",
        message: `${name} cannot be set: ${why}`,
        fix: "choose another name, or take it out",
      });
    }
  }

  for (const [name, service] of Object.entries(config.services))
    look(["services", name, "env"], service.env, service.database ?? false);
  for (const [name, environment] of Object.entries(config.environments ?? {})) {
    look(["environments", name, "variables"], environment.variables, false);
    for (const [check, asked] of Object.entries(environment.verify ?? {}))
      if (typeof asked === "object" && "env" in asked)
        look(["environments", name, "verify", check, "env"], asked.env, false);
    for (const [journey, { env }] of Object.entries(environment.synthetics ?? {}))
      look(["environments", name, "synthetics", journey, "env"], env, false);
    for (const [service, placement] of Object.entries(environment.services ?? {}))
      look(
        ["environments", name, "services", service, "env"],
        placement.env,
        config.services[service]?.database ?? false,
      );
  }
  return findings;
}
