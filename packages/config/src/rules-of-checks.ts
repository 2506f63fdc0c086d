import { dependencyOrder } from "@fairway/core";
import { argvOf } from "./command-of.ts";
import { didYouMean, type Finding } from "./problems.ts";
import type { CheckConfig } from "./project-config.ts";
import type { RuleFacts } from "./rules.ts";

/** Checks that wait for what is not there or for each other, and reports that could not be asked for. */
export const checkRules = ({ config }: RuleFacts): readonly Finding[] =>
  Object.entries(config.services).flatMap(([service, { checks = {} }]) => [
    ...unknownNeeds(service, checks),
    ...circlesOfNeeds(service, checks),
    ...deafRunners(service, checks),
  ]);

type Checks = Readonly<Record<string, CheckConfig>>;

/** The object form of a check; a bare command says nothing more. */
const detailsOf = (check: CheckConfig): Exclude<CheckConfig, string | readonly string[]> =>
  typeof check === "object" && "command" in check ? check : { command: check };

function unknownNeeds(service: string, checks: Checks): readonly Finding[] {
  const known = Object.keys(checks);
  return Object.entries(checks).flatMap(([name, check]) =>
    (detailsOf(check).needs ?? []).flatMap((to, index): readonly Finding[] =>
      known.includes(to)
        ? []
        : [
            {
              path: ["services", service, "checks", name, "needs", index],
              part: "value",
              code: "unknown_name",
              message: `${service} has no check "${to}"`,
              fix: didYouMean(to, known),
            },
          ],
    ),
  );
}

function circlesOfNeeds(service: string, checks: Checks): readonly Finding[] {
  const ordering = dependencyOrder(
    Object.entries(checks).map(([name, check]) => ({ name, dependsOn: detailsOf(check).needs ?? [] })),
  );
  if (ordering.possible) return [];
  return [
    {
      path: ["services", service, "checks", ordering.circle[0] ?? "", "needs"],
      part: "value",
      code: "cycle",
      message: `checks wait for each other in a circle: ${ordering.circle.join(" → ")}`,
      fix: "take one of them out",
    },
  ];
}

/** Node takes its reporters between `--test` and the files, so the command must say `--test` itself. */
function deafRunners(service: string, checks: Checks): readonly Finding[] {
  return Object.entries(checks).flatMap(([name, check]): readonly Finding[] => {
    const { command, report } = detailsOf(check);
    if (report !== "node-test" || argvOf(command).includes("--test")) return [];
    return [
      {
        path: ["services", service, "checks", name, "report"],
        part: "value",
        code: "impossible",
        message: `the report of node-test can only be asked for where the command itself says --test`,
        fix: 'write the command out, such as "node --test"',
      },
    ];
  });
}
