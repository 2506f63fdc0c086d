import type { AskedBalancer, Environment, Millis, Placement, Service } from "@fairway/core";
import { queueRuleOf } from "@fairway/core";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { EnvironmentConfig, ProjectConfig } from "./project-config.ts";
import { accessOfEnvironment, resolveAws } from "./resolve-aws.ts";
import { resolveEnvironmentChecks, resolveSynthetics } from "./resolve-checks.ts";
import type { Layer } from "./resolve-placement.ts";
import { layered, resolvePlacement } from "./resolve-placement.ts";
import { resolveProtection } from "./resolve-protection.ts";
import { duration } from "./resolve-service.ts";
import { resolveOnlyFrom } from "./resolve-triggers.ts";

const standardDeadline: Millis = 30 * 60_000;

/** An environment with every default filled in, each value noted in the ledger. */
export function resolveEnvironment(
  name: string,
  project: ProjectConfig,
  services: readonly Service[],
  ledger: Ledger,
): Environment {
  const all = Object.keys(project.environments ?? {});
  const position = all.indexOf(name);
  const config = project.environments?.[name] ?? {};
  const layers = layersOf(name, project);
  const at: Path = ["environments", name];
  const deploys = ledger.own([...at, "deploys"], config.deploys, position === 0 ? "automatically" : "on-request");
  const protection = resolveProtection(at, config, ledger);
  const { approvals } = protection;
  // Told by `explain`; what comes of them is in the placements and the variables.
  if (config.inherits !== undefined) ledger.own([...at, "inherits"], config.inherits, null);
  if (config.scale !== undefined) ledger.own([...at, "scale"], config.scale, 1);
  const placements = services
    .filter((service) => service.run !== null)
    .flatMap((service) => resolvePlacement(at, service, project.services[service.name]?.strategy, layers, ledger));
  const queue = ledger.own([...at, "queue"], config.queue, queueRuleOf({ deploys, approvals }));
  return {
    name,
    purpose: ledger.own([...at, "purpose"], config.purpose, null),
    ...urlsOf([...at, "url"], config.url, ledger),
    deploys,
    promotesFrom: promotesFrom(at, config, all[position - 1] ?? null, ledger),
    ...(config.onlyFrom === undefined
      ? {}
      : { onlyFrom: resolveOnlyFrom(ledger.own([...at, "onlyFrom"], config.onlyFrom, config.onlyFrom)) }),
    ...protection,
    ...(config.queue === undefined ? {} : { queue }),
    // What is as usual is left out: it would give every release from before another digest.
    ...(ledger.own([...at, "quarantine"], config.quarantine, "failures") === "rollbacks"
      ? { quarantine: "rollbacks" as const }
      : {}),
    deadline: duration([...at, "deadline"], config.deadline, standardDeadline, ledger),
    variables: layered(
      [...at, "variables"],
      layers.toReversed().map(({ config: layer, name: layerName, origin }) => ({
        values: layer.variables,
        origin: (key) => origin(["environments", layerName, "variables", key]),
      })),
      ledger,
    ),
    verify: resolveEnvironmentChecks(
      [...at, "verify"],
      config.verify,
      { access: accessOfEnvironment(config), balancers: balancersOf(placements) },
      ledger,
    ),
    ...resolveAws(at, config, ledger),
    ...resolveSynthetics([...at, "synthetics"], config.synthetics, ledger),
    ...(config.bake === undefined ? {} : { bake: duration([...at, "bake"], config.bake, 0, ledger) }),
    placements,
  };
}

/** Each load balancer once, with the services that are to be behind it. */
function balancersOf(placements: readonly Placement[]): readonly AskedBalancer[] {
  const found = new Map<string, AskedBalancer & { readonly services: readonly string[] }>();
  for (const { service, replicas, balancer } of placements) {
    if (balancer === undefined) continue;
    const { services = [] } = found.get(balancer.listener) ?? {};
    found.set(balancer.listener, { ...balancer, services: replicas === 0 ? services : [...services, service] });
  }
  return [...found.values()];
}

/** One address, or several by name, of which the first stands for all. Several are only there where they are written. */
function urlsOf(at: Path, written: EnvironmentConfig["url"], ledger: Ledger): Pick<Environment, "url" | "urls"> {
  if (typeof written !== "object") return { url: ledger.own(at, written, null) };
  const urls = Object.entries(written).map(
    ([name, url]) => [name, ledger.own<string>([...at, name], url, url)] as const,
  );
  return { url: urls[0]?.[1] ?? null, urls: Object.fromEntries(urls) };
}

/** Written null means any release, so it must not fall through to the default as what is absent does. */
function promotesFrom(at: Path, config: EnvironmentConfig, before: string | null, ledger: Ledger): string | null {
  const path = [...at, "promotesFrom"];
  return config.promotesFrom === undefined
    ? ledger.note(path, before, { from: "default" })
    : ledger.note(path, config.promotesFrom, { from: "written", path });
}

function layersOf(name: string, project: ProjectConfig): readonly Layer[] {
  const layers: Layer[] = [];
  for (let next: string | undefined = name; next !== undefined;) {
    const environment: string = next;
    const config: EnvironmentConfig | undefined = project.environments?.[environment];
    // A circle and an unknown name are problems that the rules report; here they only end the chain.
    if (config === undefined || layers.some((layer) => layer.name === environment)) break;
    const own = layers.length === 0;
    layers.push({
      name: environment,
      config,
      origin: (path) => (own ? { from: "written", path } : { from: "inherited", environment, path }),
    });
    next = config.inherits;
  }
  return layers;
}
