import type { Finding } from "./problems.ts";
import type { ProjectConfig } from "./project-config.ts";
import type { Resolved } from "./resolve.ts";
import { awsRules } from "./rules-of-aws.ts";
import { checkRules } from "./rules-of-checks.ts";
import { containerRules } from "./rules-of-containers.ts";
import { contractRules } from "./rules-of-contracts.ts";
import { ecsRules } from "./rules-of-ecs.ts";
import { hostedRules } from "./rules-of-hosted.ts";
import { infrastructureRules } from "./rules-of-infrastructure.ts";
import { liveCheckRules } from "./rules-of-live-checks.ts";
import { migrationRules } from "./rules-of-migrations.ts";
import { nameRules } from "./rules-of-names.ts";
import { noticeRules } from "./rules-of-notices.ts";
import { pathRules, type PathKind } from "./rules-of-paths.ts";
import { placementRules } from "./rules-of-placements.ts";
import { flagsRules } from "./rules-of-flags.ts";
import { previewRules } from "./rules-of-previews.ts";
import { protectionRules } from "./rules-of-protection.ts";
import { registryRules } from "./rules-of-registry.ts";
import { staticRules } from "./rules-of-static.ts";
import { triggerRules } from "./rules-of-triggers.ts";
import { variableRules } from "./rules-of-variables.ts";

/** Everything that the rules look at. */
export interface RuleFacts {
  /** Of the right form; what was not is left out of it. */
  readonly config: ProjectConfig;
  readonly resolved: Resolved;
  /** All names there are, also of what was left out because its form is wrong. */
  readonly names: { readonly services: readonly string[]; readonly environments: readonly string[] };
  /** Whether anything was left out, so that what seems absent may be there. */
  readonly incomplete: boolean;
  /** What a path of the repository is. */
  readonly kindOf: (path: string) => PathKind;
}

/** What is wrong between values that are fine alone. */
export const ruleFindings = (facts: RuleFacts): readonly Finding[] => [
  ...nameRules(facts),
  ...checkRules(facts),
  ...liveCheckRules(facts),
  ...pathRules(facts),
  ...variableRules(facts),
  ...placementRules(facts),
  ...staticRules(facts),
  ...containerRules(facts),
  ...migrationRules(facts),
  ...registryRules(facts),
  ...contractRules(facts),
  ...ecsRules(facts),
  ...awsRules(facts),
  ...hostedRules(facts),
  ...flagsRules(facts),
  ...triggerRules(facts),
  ...infrastructureRules(facts),
  ...protectionRules(facts),
  ...noticeRules(facts),
  ...previewRules(facts),
];
