import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import { readCompose } from "./compose/read-compose.ts";
import { detectProject } from "./detect.ts";
import type { DetectedProject } from "./detected.ts";
import { findConfigurations } from "./find-configuration.ts";
import { formatProblem } from "./problems.ts";
import { type ConfigFormat, renderConfig } from "./render-config.ts";

/** A configuration that was written for a repository. */
export interface Initialised {
  readonly file: string;
  readonly text: string;
  readonly detected: DetectedProject;
}

export interface InitOptions {
  /** By default what fits the repository. */
  readonly format?: ConfigFormat | undefined;
  /** False to look at folders alone. */
  readonly compose?: boolean;
  /** Whether services become targets on the platforms that were found, in production. */
  readonly platforms?: boolean;
}

/**
 * Writes a configuration for what is found in a repository: in TypeScript where its package is a dependency, else in YAML,
 * which no compiler or linter of the repository stumbles over.
 * Throws `not_allowed_now` when there is one, which it never overwrites, `not_found` when there is nothing to run, and
 * `config_invalid` with each problem of a compose file that cannot be read.
 */
export function initialiseProject(directory: string, options: InitOptions = {}): Initialised {
  const [existing] = findConfigurations(directory);
  if (existing !== undefined)
    throw new FairwayError("not_allowed_now", `${existing} is there already, and it is not overwritten`, {
      hint: "change it by hand, or delete it first",
    });
  const compose = options.compose === false ? null : readCompose(directory);
  if (compose?.ok === false)
    throw new FairwayError("config_invalid", "the compose file has problems, and nothing was written", {
      problems: compose.problems.map(formatProblem),
      hint: "mend it, or leave it out: fairway init --no-compose",
    });
  const detected = detectProject(directory, compose?.compose ?? null);
  if (detected.services.length === 0)
    throw new FairwayError("not_found", `nothing in ${directory} could be recognised as a service`, {
      hint: 'write a fairway.yaml by hand, for instance: { name: shop, services: { web: { run: "node server.js" } }, environments: { production: {} } }',
    });
  const format = options.format ?? (detected.hasConfigPackage ? "typescript" : "yaml");
  const file = format === "yaml" ? "fairway.yaml" : "fairway.config.ts";
  const text = renderConfig(detected, format, { platforms: options.platforms === true });
  // `wx`: what came into being since is not overwritten either.
  writeFileSync(join(directory, file), text, { flag: "wx" });
  return { file, text, detected };
}
