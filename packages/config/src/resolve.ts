import { dependencyOrder, type Dependent, type Environment, type Project } from "@fairway/core";
import { Ledger, type Setting } from "./ledger.ts";
import type { ProjectConfig } from "./project-config.ts";
import { resolveEnvironment } from "./resolve-environment.ts";
import { resolveFlags } from "./resolve-flags.ts";
import { resolveNotices } from "./resolve-notices.ts";
import { resolveInfrastructure } from "./resolve-infrastructure.ts";
import { resolveForge } from "./resolve-forge.ts";
import { isHostedAnywhere } from "./resolve-hosted.ts";
import { resolvePreviews } from "./resolve-previews.ts";
import { resolveProvenance } from "./resolve-provenance.ts";
import { resolveRegistry } from "./resolve-registry.ts";
import { resolveService } from "./resolve-service.ts";
import { resolveTriggers } from "./resolve-triggers.ts";

/** A project with every default filled in, and where each of its values came from. */
export interface Resolved {
  readonly project: Project;
  readonly settings: ReadonlyMap<string, Setting>;
}

/**
 * Fills in every default. Takes any configuration whose form is right; where names are unknown or go in circles, which
 * the rules report, the order is the written one.
 */
export function resolveProject(config: ProjectConfig): Resolved {
  const ledger = new Ledger();
  const name = ledger.own(["name"], config.name, "");
  const registry = resolveRegistry(config.registry, ledger);
  const provenance = resolveProvenance(config.provenance, ledger);
  const flags = resolveFlags(config.flags, ledger);
  const forge = resolveForge(config.forge, ledger);
  const triggers = resolveTriggers(config.triggers, ledger);
  const infrastructure = resolveInfrastructure(config, ledger);
  const notices = resolveNotices(config.notices, ledger);
  const previews = resolvePreviews(config, ledger);
  const services = inOrder(
    Object.entries(config.services).map(([service, written]) =>
      resolveService(service, written, ledger, isHostedAnywhere(service, config)),
    ),
  );
  const environments = Object.keys(config.environments ?? {}).map((environment) =>
    resolveEnvironment(environment, config, services, ledger),
  );
  return {
    project: {
      name,
      ...(registry && { registry }),
      ...(provenance && { provenance }),
      ...(flags && { flags }),
      ...(forge && { forge }),
      ...(triggers && { triggers }),
      ...(infrastructure && { infrastructure }),
      ...(previews && { previews }),
      ...(notices && { notices }),
      services,
      environments: inPromotionOrder(environments),
    },
    settings: ledger.settings,
  };
}

function inOrder<Thing extends Dependent>(things: readonly Thing[]): readonly Thing[] {
  const ordering = dependencyOrder(things);
  return ordering.possible ? ordering.order : things;
}

const inPromotionOrder = (environments: readonly Environment[]): readonly Environment[] =>
  inOrder(
    environments.map((environment) => ({
      name: environment.name,
      dependsOn: environment.promotesFrom === null ? [] : [environment.promotesFrom],
      environment,
    })),
  ).map(({ environment }) => environment);
