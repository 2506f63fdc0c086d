import type { Finding } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** A container is of an image that is there, or of one that is built; and files that are only served need none. */
export const containerRules = ({ config }: RuleFacts): readonly Finding[] =>
  Object.entries(config.services).flatMap(([name, service]): readonly Finding[] => {
    const { container } = service;
    if (container === undefined) return [];
    const at = ["services", name, "container"] as const;
    const site: readonly Finding[] =
      (service.static ?? false) === false
        ? []
        : [
            {
              path: at,
              part: "key",
              code: "impossible",
              message: `${name} has both "static" and "container", and files are only served`,
              fix: "keep one of the two",
            },
          ];
    const building = (["dockerfile", "context", "args", "platforms"] as const).filter(
      (key) => container[key] !== undefined,
    );
    const both = container.image === undefined ? [] : building;
    return [
      ...site,
      ...both.map((key): Finding => ({
        path: [...at, key],
        part: "key",
        code: "impossible",
        message: `${name} has an image that is there already, so "${key}" is never used`,
        fix: 'take it out, or take "image" out to build one',
      })),
    ];
  });
