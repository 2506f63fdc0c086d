import type { Digest, ReleaseId } from "../ids.ts";
import type { MigrationFacts, PlannedMigration } from "../migration/planned-migration.ts";
import { planMigrations } from "../migration/planned-migration.ts";
import type { DatabaseBackFacts } from "../migration/way-back-of-database.ts";
import { wayBackOfDatabase } from "../migration/way-back-of-database.ts";
import type { PlannedContracts } from "../contracts/planned-contracts.ts";
import type { Environment, Placement, Project } from "../project/project.ts";
import { environmentOf } from "../project/project.ts";
import type { Quarantine } from "../release/quarantine.ts";
import type { LostVerification } from "../release/revoked-verification.ts";
import { lostVerificationSentence } from "../release/revoked-verification.ts";
import { quarantineSentence } from "../release/quarantine.ts";
import type { Release } from "../release/release.ts";
import { strategyProblems } from "./strategies/every-strategy.ts";
import { atOnce } from "./strategies/shift-options.ts";
import type { PlannedInfrastructure } from "./planned-infrastructure.ts";
import { plannedInfrastructure } from "./planned-infrastructure.ts";
import type { PlannedSecret, SecretPlanFacts } from "./planned-secrets.ts";
import { plannedSecrets } from "./planned-secrets.ts";
import { orderBack } from "./way-back.ts";

/** What a deployment would do to one service. */
export interface PlannedRollout {
  readonly service: string;
  /** `start` where nothing ran, `replace` where the bytes change, `restart` where only the release's name does. */
  readonly action: "start" | "replace" | "restart";
  readonly from: ReleaseId | null;
  readonly to: ReleaseId;
  readonly replicas: number;
  readonly strategy: Placement["strategy"];
  readonly artifact: Digest;
  readonly after: readonly string[];
}

/** What a deployment would do, before it does it. */
export interface DeploymentPlan {
  readonly environment: string;
  readonly release: ReleaseId;
  readonly releaseDigest: Digest;
  readonly from: ReleaseId | null;
  readonly reason: DeploymentReason;
  /** The only services that move, in a rollback of single ones; absent where all do. */
  readonly only?: readonly string[];
  /** In the order in which they start; those without a common dependency go at the same time. */
  readonly rollouts: readonly PlannedRollout[];
  /** Duties of credentials that it sets right, which therefore do not keep it out; absent where there are none. */
  readonly remedies?: readonly string[];
  /** Services that run now and that this release no longer has; they are ended once the rest has moved. */
  readonly retired: readonly string[];
  /** What it plans and applies besides the services, each after those that it needs; absent where that is nothing. */
  readonly infrastructure?: readonly PlannedInfrastructure[];
  /** What it does to databases, in the order in which it does; absent where that is nothing. */
  readonly migrations?: readonly PlannedMigration[];
  /** What it does to smart contracts; absent where there are none. */
  readonly contracts?: readonly PlannedContracts[];
  /** The versions of secrets that it starts services with; absent where it refers to none. */
  readonly secrets?: readonly PlannedSecret[];
  /** Services of the project that this release has no part of. */
  readonly leftOut: Release["leftOut"];
  readonly approvals: number;
  /** Why it cannot be done at all, as sentences; empty when it can. */
  readonly obstacles: readonly string[];
}

export type DeploymentReason = "deploy" | "promotion" | "rollback";

/** What must be known to plan: the release, and what the environment runs now. */
export interface PlanFacts {
  readonly release: Release;
  readonly running: Release | null;
  readonly environment: string;
  readonly reason: DeploymentReason;
  /** Duties of credentials that it sets right. */
  readonly remedies?: readonly string[] | undefined;
  /** Environments that have verified this release. */
  readonly verifiedIn: readonly string[];
  /** Where it was verified and is not any more; nowhere when left out. */
  readonly lostIn?: readonly LostVerification[];
  /** What keeps the release from being deployed anywhere; null when nothing does. */
  readonly quarantine: Quarantine | null;
  /** The release of each service that does not run the environment's own, after a rollback of single services. */
  readonly mixed?: ReadonlyMap<string, Release>;
  /** Why the environment does not take the release for where its commit comes from; a rollback is not held to it. */
  readonly sourceProblems?: readonly string[];
  /** Of the secrets that the release refers to in the environment. */
  readonly secrets?: SecretPlanFacts;
  /** Only these services move; a rollback alone may leave others where they are. */
  readonly only?: readonly string[] | undefined;
  /** Of each service with migrations, on the way there. */
  readonly migrations?: readonly MigrationFacts[];
  /** Of each service with migrations, on the way back. */
  readonly databases?: readonly DatabaseBackFacts[];
  /** What it would do to smart contracts. */
  readonly contracts?: readonly PlannedContracts[];
}

/** Says what a deployment would do. The same facts always give the same plan, which is what an approval is bound to. */
export function planDeployment(facts: PlanFacts): DeploymentPlan {
  const { release, running, reason, only } = facts;
  const environment = environmentOf(release.project, facts.environment);
  const rollouts = environment ? plannedRollouts(release.project, environment, facts) : [];
  const databases = plannedMigrations(facts, rollouts);
  const contracts = (facts.contracts ?? []).filter((one) => rollouts.some(({ service }) => service === one.service));
  const stacks = environment ? plannedInfrastructure(release.project, environment, facts) : [];
  return {
    environment: facts.environment,
    release: release.id,
    releaseDigest: release.digest,
    from: running?.id ?? null,
    reason,
    ...(only === undefined ? {} : { only }),
    rollouts,
    ...((facts.remedies ?? []).length === 0 ? {} : { remedies: facts.remedies ?? [] }),
    retired: only === undefined ? retiredServices(facts, rollouts) : [],
    ...(stacks.length === 0 ? {} : { infrastructure: stacks }),
    ...(databases.planned.length === 0 ? {} : { migrations: databases.planned }),
    ...(contracts.length === 0 ? {} : { contracts }),
    ...(facts.secrets === undefined ? {} : { secrets: plannedSecrets(facts.secrets) }),
    leftOut: release.leftOut,
    // A way back is never blocked.
    approvals: reason === "rollback" ? 0 : Math.max(environment?.approvals ?? 0, databases.asks ? 1 : 0),
    obstacles: environment
      ? [
          ...obstaclesOf(environment, rollouts, facts),
          ...databases.obstacles,
          ...(reason === "rollback" ? [] : contracts.flatMap(({ obstacles }) => obstacles)),
        ]
      : [unknownEnvironment(facts)],
  };
}

/** What becomes of the databases of the services that move; a person is asked about what nobody can class. */
function plannedMigrations(
  { reason, migrations = [], databases = [] }: PlanFacts,
  rollouts: readonly PlannedRollout[],
): {
  readonly planned: readonly PlannedMigration[];
  readonly obstacles: readonly string[];
  readonly asks: boolean;
} {
  const before = new Map(rollouts.map(({ service, from }) => [service, from]));
  const moves = ({ service }: { readonly service: string }): boolean => before.has(service);
  if (reason === "rollback") {
    const back = databases.filter(moves).map(wayBackOfDatabase);
    return {
      planned: back.flatMap(({ planned }) => planned),
      obstacles: back.flatMap(({ refused }) => refused ?? []),
      asks: false,
    };
  }
  const plans = migrations.filter(moves).map((one) => planMigrations(one, before.get(one.service) === null));
  const planned = plans.flatMap((plan) => plan.planned);
  return {
    planned,
    obstacles: plans.flatMap(({ obstacles }) => obstacles),
    asks: planned.some(({ class: of }) => of === "unknown"),
  };
}

const unknownEnvironment = ({ environment, release }: PlanFacts): string =>
  `release ${release.id} knows no environment "${environment}"; it knows ${release.project.environments.map((known) => known.name).join(", ")}`;

function plannedRollouts(project: Project, environment: Environment, facts: PlanFacts): readonly PlannedRollout[] {
  const planned: PlannedRollout[] = [];
  for (const service of project.services) {
    const placement = environment.placements.find((candidate) => candidate.service === service.name);
    if (!placement || service.run === null || (facts.only && !facts.only.includes(service.name))) continue;
    const rollout = plannedRollout(placement, facts);
    if (rollout) planned.push(rollout);
  }
  if (facts.reason === "rollback") return backwards(planned, project, facts);
  const names = new Set(planned.map(({ service }) => service));
  return planned.map((rollout) => ({
    ...rollout,
    after:
      project.services.find(({ name }) => name === rollout.service)?.dependsOn.filter((name) => names.has(name)) ?? [],
  }));
}

/** The move of one service, which comes after nothing yet; null when the release has no part of it. */
function plannedRollout({ service, replicas, strategy }: Placement, facts: PlanFacts): PlannedRollout | null {
  const part = partOf(facts.release, service);
  if (!part) return null;
  const before = facts.mixed?.get(service) ?? facts.running;
  const from = before && runsIn(before, facts.environment, service) ? partOf(before, service) : undefined;
  return {
    service,
    action: !from ? "start" : from.artifact === part.artifact ? "restart" : "replace",
    from: before && from ? before.id : null,
    to: facts.release.id,
    replicas,
    strategy: facts.reason === "rollback" ? atOnce(strategy) : strategy,
    artifact: part.artifact,
    after: [],
  };
}

const partOf = (release: Release, service: string): Release["parts"][number] | undefined =>
  release.parts.find((part) => part.service === service);

function backwards(
  planned: readonly PlannedRollout[],
  { services }: Project,
  { running }: PlanFacts,
): readonly PlannedRollout[] {
  const byName = new Map(planned.map((rollout) => [rollout.service, rollout]));
  const from = (running?.project.services ?? []).filter(({ name }) => byName.get(name)?.from !== null);
  return orderBack({ to: services, from }, [...byName.keys()]).flatMap(({ service, after }) => {
    const rollout = byName.get(service);
    return rollout ? [{ ...rollout, after }] : [];
  });
}

const retiredServices = ({ running, environment }: PlanFacts, rollouts: readonly PlannedRollout[]): readonly string[] =>
  (running?.parts ?? [])
    .map(({ service }) => service)
    .filter((service) => running !== null && runsIn(running, environment, service))
    .filter((service) => !rollouts.some((rollout) => rollout.service === service));

/** Whether a release has anything of a service in an environment: what is placed elsewhere alone was never there. */
const runsIn = ({ project }: Release, environment: string, service: string): boolean =>
  project.services.some(({ name, run }) => name === service && run !== null) &&
  (environmentOf(project, environment)?.placements ?? []).some((placement) => placement.service === service);

function obstaclesOf(
  environment: Environment,
  rollouts: readonly PlannedRollout[],
  { release, running, reason, verifiedIn, lostIn = [], quarantine, sourceProblems = [], only = [] }: PlanFacts,
): readonly string[] {
  const found: string[] = [];
  const { name, promotesFrom } = environment;
  if (quarantine) found.push(quarantineSentence(release.id, quarantine));
  if (reason === "rollback" && !verifiedIn.includes(name))
    found.push(`${release.id} was never verified in ${name}: a way back goes only to what was`);
  if (reason !== "rollback" && promotesFrom !== null && !verifiedIn.includes(promotesFrom)) {
    const lost = lostIn.find(({ environment: where }) => where === promotesFrom);
    const how = lost === undefined ? "" : ` any more: ${lostVerificationSentence(lost)}`;
    found.push(`${name} takes only what ${promotesFrom} has verified, and ${release.id} is not verified there${how}`);
  }
  if (reason !== "rollback") found.push(...sourceProblems);
  for (const service of only)
    if (!rollouts.some((rollout) => rollout.service === service))
      found.push(`release ${release.id} runs no "${service}" in ${name}`);
    else if (running && !partOf(running, service))
      found.push(`release ${running.id}, which runs there, has no "${service}": go back with all of it`);
  if (rollouts.length === 0 && only.length === 0) {
    const why = release.leftOut.map(({ service, reason: left }) => `: ${service} was left out (${left})`).join("");
    found.push(`release ${release.id} has nothing to run in ${name}${why}`);
  }
  for (const { service, strategy, replicas } of rollouts)
    for (const problem of strategyProblems(strategy, replicas)) found.push(`${service}: ${problem}`);
  return found;
}
