import type { Finding } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** A service is a program or a site, not both; and files need no database. */
export const staticRules = ({ config }: RuleFacts): readonly Finding[] =>
  Object.entries(config.services).flatMap(([name, service]): readonly Finding[] => {
    if (service.static === undefined || service.static === false) return [];
    const refused = (["run", "database"] as const).filter(
      (key) => service[key] !== undefined && service[key] !== false,
    );
    return refused.map((key) => ({
      path: ["services", name, key],
      part: "key",
      code: "impossible",
      message: `${name} has both "static" and "${key}", and files are only served`,
      fix: key === "run" ? "keep one of the two" : "take it out",
    }));
  });
