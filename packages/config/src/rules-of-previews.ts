import { millisOf } from "./duration.ts";
import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { didYouMean } from "./problems.ts";
import { ecsPreviewRules } from "./rules-of-ecs-previews.ts";
import type { RuleFacts } from "./rules.ts";

/** Environments that a pull request's preview could be taken for. */
const reservedName = /^pr-\d+$/u;

/** Previews begin from what there is, and no environment is called like one. */
export function previewRules({ config, names, incomplete }: RuleFacts): readonly Finding[] {
  const { previews } = config;
  if (previews === undefined) return [];
  const at: Path = ["previews"];
  const unknown = (path: Path, what: string, name: string, known: readonly string[]): readonly Finding[] =>
    known.includes(name) || incomplete
      ? []
      : [
          {
            path,
            part: "value",
            code: "unknown_name",
            message: `there is no ${what} "${name}"${known.length > 0 ? `; there are ${known.join(", ")}` : ""}`,
            fix: didYouMean(name, known),
          },
        ];
  const environment = (key: "inherits" | "flags"): readonly Finding[] => {
    const name = previews[key];
    return name === undefined ? [] : unknown([...at, key], "environment", name, names.environments);
  };
  const services = (key: "copyOf" | "seed"): readonly Finding[] =>
    Object.keys(previews.database?.[key] ?? {}).flatMap((name) => {
      const path: Path = [...at, "database", key, name];
      const missing = unknown(path, "service", name, names.services);
      if (missing.length > 0 || config.services[name]?.database === true || incomplete) return missing;
      return [
        {
          path,
          part: "key" as const,
          code: "impossible" as const,
          message: `${name} has no database of its own`,
          fix: `write database: true into services.${name}`,
        },
      ];
    });
  return [
    ...(names.environments.length > 0 || incomplete
      ? []
      : [
          {
            path: at,
            part: "key" as const,
            code: "impossible" as const,
            message: "a preview begins from an environment, and there is none",
            fix: "write one into environments",
          },
        ]),
    ...environment("inherits"),
    ...environment("flags"),
    ...(previews.front === undefined ? [] : unknown([...at, "front"], "service", previews.front, names.services)),
    ...services("copyOf"),
    ...services("seed"),
    ...spans(at, previews.sleepAfter, previews.endAfter),
    ...(incomplete ? [] : ecsPreviewRules(config)),
    ...names.environments
      .filter((name) => reservedName.test(name))
      .map((name) => ({
        path: ["environments", name] as Path,
        part: "key" as const,
        code: "impossible" as const,
        message: `"${name}" is the name of a pull request's preview`,
        fix: "call the environment something else",
      })),
  ];
}

function spans(
  at: Path,
  sleep: string | number | false | undefined,
  end: string | number | undefined,
): readonly Finding[] {
  if (sleep === false || sleep === undefined) return [];
  const [asleep = 0, gone = 0] = [millisOf(sleep), millisOf(end ?? "72h")];
  if (asleep < gone) return [];
  return [
    {
      path: [...at, "sleepAfter"],
      part: "value",
      code: "impossible",
      message: "a preview would be taken away before it sleeps",
      fix: "let sleepAfter be shorter than endAfter, or false",
    },
  ];
}
