import type { CheckReport } from "../check/check-report.ts";
import type { CheckKind } from "../check/live-check.ts";
import type { PlatformCheck } from "../check/platform-check.ts";
import type { SyntheticCheck } from "../check/synthetic.ts";
import type { EcsPlacement } from "../deployment/ecs-placement.ts";
import type { Hosted } from "../hosted/hosted-placement.ts";
import type { ChainPlacement } from "../contracts/chain-placement.ts";
import type { ServiceContracts } from "../contracts/service-contracts.ts";
import type { QueueRule } from "../deployment/queue.ts";
import type { BalancerPlacement, EnvironmentAws } from "../environment/environment-aws.ts";
import type { EnvironmentPreview } from "../environment/preview.ts";
import type { HealthCheck, ReplicaLimits } from "../deployment/replica-host.ts";
import type { StrategyOptions } from "../deployment/strategy.ts";
import type { RouteLimits, RouteRule } from "../deployment/traffic-router.ts";
import type { ApprovalTerms } from "../gate/approval-terms.ts";
import type { FreezeWindow } from "../gate/freeze.ts";
import type { NoticeChannel } from "../notice/notice-channel.ts";
import type { Millis } from "../units.ts";
import type { SourceRule } from "../trigger/deployment-source.ts";
import type { Trigger } from "../trigger/trigger.ts";
import type { ProjectFlags } from "./project-flags.ts";
import type { ProjectForge } from "./project-forge.ts";
import type { InfrastructureStack } from "./project-infrastructure.ts";
import type { ProjectPreviews } from "./project-previews.ts";
import type { ProjectProvenance } from "./project-provenance.ts";
import type { ProjectRegistry } from "./project-registry.ts";
import type { ServiceContainer } from "./service-container.ts";
import type { ServiceMigrations } from "./service-migrations.ts";

/** A program and its arguments. There is never a shell between Fairway and a command. */
export type Argv = readonly [string, ...string[]];

/** A command with the place and time it gets. */
export interface Command {
  readonly argv: Argv;
  /** Relative to the service's folder. */
  readonly directory: string;
  readonly timeout: Millis;
  readonly env: Readonly<Record<string, Value>>;
}

/** A value of an environment variable: in the open, or by the name of a secret that is looked up at the start. */
export type Value = string | { readonly secret: string };

/** A question asked of the source of a service before it may become part of a release. */
export interface ServiceCheck extends Command {
  readonly name: string;
  /** Checks of the same service that must have said yes before; absent where it waits for none. */
  readonly needs?: readonly string[] | undefined;
  /** Programs that must be on the PATH; where one is absent the check is left out, and the run says so. */
  readonly requires?: readonly string[] | undefined;
  /** Absent where the exit code is all there is. */
  readonly report?: CheckReport | undefined;
}

/** A question asked of what runs in an environment. */
export interface EnvironmentCheck extends ServiceCheck {
  /** What it asks with; absent for a command. */
  readonly kind?: Exclude<CheckKind, "command"> | undefined;
  /** Who answers where no program does; absent for all others. */
  readonly platform?: PlatformCheck | undefined;
  /** How often it is asked again where it says no; absent where it is not. */
  readonly retries?: number | undefined;
}

/** How a service's artifact is made. */
export interface Build {
  readonly commands: readonly Command[];
  /** The folder that becomes the artifact, relative to the service's folder. */
  readonly output: string;
  /** What the artifact depends on, relative to the repository; when none of it changed, the artifact is taken over. */
  readonly inputs: readonly string[];
}

/** One deployable of the project; without `run` it is checked and built but not deployed. */
export interface Service {
  readonly name: string;
  /** The service's folder, relative to the repository. */
  readonly path: string;
  /** Services that must run the new release before this one. */
  readonly dependsOn: readonly string[];
  /** Programs that must be on the PATH; where one is absent the service is left out, and the run says so. */
  readonly requires: readonly string[];
  /** Run in the fresh checkout before checks and build: installing what they need. */
  readonly prepare: readonly Command[];
  readonly checks: readonly ServiceCheck[];
  readonly build: Build;
  /** Absent for one that runs as a process of its artifact's files. */
  readonly container?: ServiceContainer | undefined;
  /** Absent for one that is no set of smart contracts. */
  readonly contracts?: ServiceContracts | undefined;
  /** Started in the artifact's folder. */
  readonly run: Argv | null;
  readonly health: HealthCheck;
  /** Open requests get `drain`, then the process gets `grace` after SIGTERM. */
  readonly stop: { readonly drain: Millis; readonly grace: Millis };
  /** Whether it gets a database of its own per environment, by `DATABASE_URL`. */
  readonly database: boolean;
  /** Absent where it has none, as in every release from before there were any. */
  readonly migrations?: ServiceMigrations | undefined;
  readonly env: Readonly<Record<string, Value>>;
  readonly replicas: number;
  /** Absent where nothing is limited, as in every release from before there were limits. */
  readonly limits?: ReplicaLimits | undefined;
  readonly strategy: StrategyOptions;
}

/** One service as one environment wants it: the service's own values with the environment's over them. */
export interface Placement {
  readonly service: string;
  readonly replicas: number;
  readonly strategy: StrategyOptions;
  /** On which chain its contracts are, and who may change them; absent for what is no set of contracts. */
  readonly chain?: ChainPlacement | undefined;
  readonly env: Readonly<Record<string, Value>>;
  /** Where the public reaches it; empty for a service that only others of the environment call. */
  readonly routes: readonly RouteRule[];
  /** What may be asked of it; absent where the router's own limits are enough. */
  readonly requests?: RouteLimits | undefined;
  /** Whether the public is sent to TLS; absent where it is not. */
  readonly httpsOnly?: boolean | undefined;
  /** Absent where it runs on Fairway's own machine. */
  readonly ecs?: EcsPlacement | undefined;
  /** Who carries its public traffic beside the router here; absent where nobody does. */
  readonly balancer?: BalancerPlacement | undefined;
  /** The platform that serves it; absent where none does. */
  readonly hosted?: Hosted | undefined;
}

/** A named place on the promotion path. */
export interface Environment {
  readonly name: string;
  readonly purpose: string | null;
  /** Where people find it. */
  readonly url: string | null;
  /** The same by what is found there, `frontend`, `backend`; absent where there is one address, which is `url`. */
  readonly urls?: Readonly<Record<string, string>> | undefined;
  /** `automatically` takes every new release; `on-request` waits for `deploy` or `promote`. */
  readonly deploys: "automatically" | "on-request";
  /** Only what this environment has verified may come; null when it takes any release. */
  readonly promotesFrom: string | null;
  /** Where commits must come from that go there; absent where any may. */
  readonly onlyFrom?: SourceRule | undefined;
  /** How many people must say yes. */
  readonly approvals: number;
  /** Whose yes counts, and for how long; absent where that is as usual: whoever may approve there, for a day. */
  readonly approvalTerms?: Pick<ApprovalTerms, "from" | "expires"> | undefined;
  /** When it does not change, but for a way back; absent where it always may. */
  readonly freezes?: readonly FreezeWindow[] | undefined;
  /** How long before it begins a deployment must have been announced; absent where it need not be. */
  readonly notice?: Millis | undefined;
  /** Who gets its turn when several deployments wait; absent where the standard rule is enough. */
  readonly queue?: QueueRule | undefined;
  /** After this a deployment says that it needs attention, and stops trying. */
  readonly deadline: Millis;
  readonly variables: Readonly<Record<string, Value>>;
  /** Only a person's rollback puts a release into quarantine; absent where a deployment that failed does too. */
  readonly quarantine?: "rollbacks" | undefined;
  /** Asked after the rollouts; a no brings the old release back. */
  readonly verify: readonly EnvironmentCheck[];
  /** Journeys that are made again and again; absent where there are none. */
  readonly synthetics?: readonly SyntheticCheck[] | undefined;
  /** How long a release is watched after it was verified, before its deployment is done; absent where it is not. */
  readonly bake?: Millis | undefined;
  readonly placements: readonly Placement[];
  /** What of AWS it uses besides; absent where nothing. */
  readonly aws?: EnvironmentAws | undefined;
  /** Absent for every environment that is not a preview. */
  readonly preview?: EnvironmentPreview | undefined;
}

/** The configuration of one repository with every default filled in. */
export interface Project {
  readonly name: string;
  /** Absent where images stay on the machine that built them. */
  readonly registry?: ProjectRegistry | undefined;
  /** Absent where only the key of this installation signs. */
  readonly provenance?: ProjectProvenance | undefined;
  /** Absent where they are Fairway's own. */
  readonly flags?: ProjectFlags | undefined;
  /** In the order in which they are applied; absent where there is none. */
  readonly infrastructure?: readonly InfrastructureStack[] | undefined;
  /** Where the repository is kept with others; absent where events come from this machine alone. */
  readonly forge?: ProjectForge | undefined;
  /** What is started by itself; absent where nothing is. */
  readonly triggers?: readonly Trigger[] | undefined;
  /** What previews are like; absent where there are none. */
  readonly previews?: ProjectPreviews | undefined;
  /** Where people hear of what happens; absent where nobody does. */
  readonly notices?: readonly NoticeChannel[] | undefined;
  /** In dependency order: what others depend on comes first. */
  readonly services: readonly Service[];
  /** In the order of promotion. */
  readonly environments: readonly Environment[];
}

export const serviceOf = (project: Project, name: string): Service | undefined =>
  project.services.find((service) => service.name === name);

export const environmentOf = (project: Project, name: string): Environment | undefined =>
  project.environments.find((environment) => environment.name === name);

/** The name of a service's route, log scope and fencing scope in an environment. */
export const scopeOf = (environment: string, service: string): string => `${environment}/${service}`;
