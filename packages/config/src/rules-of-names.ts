import { dependencyOrder, type Dependent } from "@fairway/core";
import type { Path } from "./path.ts";
import { didYouMean, type Finding } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** A place that names another service or environment. */
interface Reference {
  readonly from: string;
  readonly to: string;
  readonly path: Path;
}

/** Names that lead nowhere, and names that lead in circles. */
export function nameRules({ config, resolved, names }: RuleFacts): readonly Finding[] {
  const services = Object.entries(config.services);
  const environments = Object.entries(config.environments ?? {});
  const dependencies = services.flatMap(([from, { dependsOn = [] }]) =>
    dependsOn.map((to, index): Reference => ({ from, to, path: ["services", from, "dependsOn", index] })),
  );
  const inheritances = environments.flatMap(([from, { inherits: to }]): readonly Reference[] =>
    to === undefined ? [] : [{ from, to, path: ["environments", from, "inherits"] }],
  );
  const promotions = environments.flatMap(([from, { promotesFrom: to }]): readonly Reference[] =>
    to === undefined || to === null ? [] : [{ from, to, path: ["environments", from, "promotesFrom"] }],
  );
  const placements = environments.flatMap(([environment, { services: placed = {} }]) =>
    Object.keys(placed).map((to): Reference => ({
      from: environment,
      to,
      path: ["environments", environment, "services", to],
    })),
  );
  return [
    ...dependencies
      .filter(({ to }) => !names.services.includes(to))
      .map((one) => unknown(one, "service", names.services)),
    ...placements
      .filter(({ to }) => !names.services.includes(to))
      .map((one) => ({ ...unknown(one, "service", names.services), part: "key" as const })),
    ...[...inheritances, ...promotions]
      .filter(({ to }) => !names.environments.includes(to))
      .map((one) => unknown(one, "environment", names.environments)),
    ...circle(dependencies, "services depend on each other in a circle"),
    ...circle(inheritances, "environments inherit from each other in a circle"),
    // The defaults count too: an environment that promotes from a later one closes a circle with the order of the list.
    ...circle(
      resolved.project.environments.flatMap(({ name, promotesFrom }) =>
        promotesFrom === null ? [] : [{ from: name, to: promotesFrom, path: ["environments", name, "promotesFrom"] }],
      ),
      "environments promote to each other in a circle",
      "set promotesFrom: null where a release may begin",
    ),
  ];
}

const unknown = ({ to, path }: Reference, what: string, known: readonly string[]): Finding => ({
  path,
  part: "value",
  code: "unknown_name",
  message: `there is no ${what} "${to}"`,
  fix: didYouMean(to, known),
});

/** The circle among the references, told once, at the reference that closes it. */
function circle(references: readonly Reference[], what: string, fix?: string): readonly Finding[] {
  const names = [...new Set(references.map(({ from }) => from))];
  const things = names.map((name): Dependent => ({
    name,
    dependsOn: references.filter(({ from }) => from === name).map(({ to }) => to),
  }));
  const ordering = dependencyOrder(things);
  if (ordering.possible) return [];
  const [first, second] = ordering.circle;
  const closing = references.find(({ from, to }) => from === first && to === second);
  return [
    {
      path: closing?.path ?? [],
      part: "value",
      code: "cycle",
      message: `${what}: ${ordering.circle.join(" → ")}`,
      fix: fix ?? "take one of them out",
    },
  ];
}
