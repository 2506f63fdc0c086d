import type { Path } from "./path.ts";
import type { Finding } from "./problems.ts";
import { impossibleKey } from "./problems.ts";
import type { RuleFacts } from "./rules.ts";

/** What platforms could not serve or move as it is written. */
export const hostedRules = (facts: RuleFacts): readonly Finding[] =>
  Object.entries(facts.config.environments ?? {}).flatMap(([environment, { vercel, netlify, ecs }]) => {
    const on = (platform: string, services: Readonly<Record<string, unknown>> | undefined): readonly Finding[] =>
      Object.keys(services ?? {}).flatMap((service) => {
        const path: Path = ["environments", environment, platform, "services", service];
        if (!facts.names.services.includes(service))
          return [
            {
              path,
              part: "key",
              code: "unknown_name",
              message: `there is no service "${service}"`,
              fix: `name one of ${facts.names.services.join(", ")}`,
            } as const,
          ];
        return [
          ...elsewhereToo(path, service, platform, { vercel, netlify, ecs }),
          ...unfit(facts, path, service),
          ...immovable(facts, path, environment, service, platform),
        ];
      });
    return [
      ...on("vercel", vercel?.services),
      ...on("netlify", netlify?.services),
      ...Object.entries(vercel?.services ?? {}).flatMap(([service, { target, domains }]): readonly Finding[] =>
        target === "preview" && (domains ?? []).length === 0
          ? [
              impossibleKey(
                ["environments", environment, "vercel", "services", service],
                `nothing would lead to ${service}: a preview on Vercel has no domain of its own`,
                "name `domains`, or take `target: preview` out",
              ),
            ]
          : [],
      ),
    ];
  });

function elsewhereToo(
  path: Path,
  service: string,
  platform: string,
  places: Readonly<Record<string, { readonly services: Readonly<Record<string, unknown>> } | undefined>>,
): readonly Finding[] {
  const other = Object.entries(places).find(
    ([name, place]) => name !== platform && place?.services[service] !== undefined,
  )?.[0];
  return other === undefined || other < platform
    ? []
    : [impossibleKey(path, `${service} is on ${platform} and on ${other}`, "leave it on one of them")];
}

function unfit({ config }: RuleFacts, path: Path, service: string): readonly Finding[] {
  const written = config.services[service];
  if (written === undefined) return [];
  if (written.container !== undefined || written.contracts !== undefined)
    return [
      impossibleKey(
        path,
        `${service} is ${written.container === undefined ? "a set of contracts" : "an image"}, and a platform serves files`,
        "name a service whose build leaves files",
      ),
    ];
  return written.database === true || written.migrations !== undefined
    ? [
        impossibleKey(
          path,
          `the database of ${service} is Fairway's own, which a platform does not reach`,
          "take `database` and `migrations` out, or give the address of a database as a secret",
        ),
      ]
    : [];
}

function immovable(
  { resolved }: RuleFacts,
  path: Path,
  environment: string,
  service: string,
  platform: string,
): readonly Finding[] {
  const placement = resolved.project.environments
    .find(({ name }) => name === environment)
    ?.placements.find((candidate) => candidate.service === service);
  if (placement?.hosted === undefined) return [];
  const { strategy, hosted } = placement;
  const found: Finding[] = [];
  const isShift = strategy.name === "canary" || strategy.name === "linear";
  if (isShift && (hosted.platform !== "vercel" || hosted.target === "preview"))
    found.push(
      impossibleKey(
        path,
        `${platform} gives ${service} all of the traffic at once${hosted.platform === "vercel" ? " in a preview" : ""}`,
        "use `rolling` or `blue-green`",
      ),
    );
  if ("preview" in strategy && (strategy.preview ?? strategy.verifyFirst ?? strategy.analysis) !== undefined)
    found.push(
      impossibleKey(
        path,
        `preview, verifyFirst and analysis are of Fairway's own router, which ${service} on ${platform} does not pass`,
        "take them out; `headers` judge the new release there",
      ),
    );
  return found;
}
