import type { Finding } from "./problems.ts";
import { impossibleKey } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** What ECS could not run or move as it is written. */
export function ecsRules(facts: RuleFacts): readonly Finding[] {
  const { config, names } = facts;
  return Object.entries(config.environments ?? {}).flatMap(([environment, { ecs }]) =>
    Object.keys(ecs?.services ?? {}).flatMap((service): readonly Finding[] => {
      const path = ["environments", environment, "ecs", "services", service];
      if (!names.services.includes(service))
        return [
          {
            path,
            part: "key",
            code: "unknown_name",
            message: `there is no service "${service}"`,
            fix: `name one of ${names.services.join(", ")}`,
          },
        ];
      return [...withoutImage(facts, service, path), ...immovable(facts, environment, service, path)];
    }),
  );
}

function withoutImage({ config }: RuleFacts, service: string, path: Finding["path"]): readonly Finding[] {
  const written = config.services[service];
  if (written === undefined) return [];
  if (written.container === undefined)
    return [
      {
        path,
        part: "key",
        code: "impossible",
        message: `${service} has no image, and ECS runs nothing else`,
        fix: `give services.${service} a \`container\``,
      },
    ];
  if (config.registry !== undefined || written.container.image !== undefined) return [];
  return [
    {
      path,
      part: "key",
      code: "impossible",
      message: `the image of ${service} would stay on the machine that built it, where ECS cannot pull it`,
      fix: "name a `registry`",
    },
  ];
}

function immovable(
  { resolved }: RuleFacts,
  environment: string,
  service: string,
  path: Finding["path"],
): readonly Finding[] {
  const placement = resolved.project.environments
    .find(({ name }) => name === environment)
    ?.placements.find((candidate) => candidate.service === service);
  if (placement === undefined) return [];
  const { strategy } = placement;
  if (strategy.name === "recreate")
    return [impossibleKey(path, `ECS cannot stop all of ${service} before it starts the new ones`, "use `rolling`")];
  const byCodeDeploy = (placement.ecs?.codeDeploy ?? null) !== null;
  if (byCodeDeploy && strategy.name === "rolling")
    return [
      impossibleKey(
        path,
        `CodeDeploy shifts the traffic of ${service}, and knows no rolling deployment`,
        "use `blue-green`, `canary` or `linear`, or take `codeDeploy` out",
      ),
    ];
  if (strategy.name === "rolling") return [];
  const found: Finding[] = [];
  if (strategy.breakerThreshold !== undefined || strategy.breakerPercent !== undefined)
    found.push(
      impossibleKey(
        path,
        `the circuit breaker of ECS works for rolling deployments only, and ${service} is deployed ${strategy.name}`,
        "take `breakerThreshold` out, and name `alarms`",
      ),
    );
  if (strategy.name === "canary" && strategy.steps.length !== 1)
    found.push(
      impossibleKey(
        path,
        `a canary of ECS has one step, and that of ${service} has ${strategy.steps.length}`,
        "leave one step, or use `linear`",
      ),
    );
  if (strategy.name === "linear" && strategy.step < 3)
    found.push(impossibleKey(path, `a linear deployment of ECS takes steps of at least 3 %`, "raise `step`"));
  if (strategy.keepWarm !== undefined || strategy.analysis !== undefined || strategy.preview !== undefined)
    found.push(
      impossibleKey(
        path,
        `keepWarm, analysis and preview are of Fairway's own router, which ${service} on ECS does not pass`,
        "take them out; `alarms` judge the new release on ECS",
      ),
    );
  return found;
}
