import type { Digest, ReleaseId } from "../ids.ts";
import type { Environment, Placement, Project } from "../project/project.ts";
import { environmentOf } from "../project/project.ts";
import type { Release } from "../release/release.ts";
import { strategyProblems } from "./strategies/every-strategy.ts";

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
  /** In the order in which they start; those without a common dependency go at the same time. */
  readonly rollouts: readonly PlannedRollout[];
  /** Services that run now and that this release no longer has; they are ended once the rest has moved. */
  readonly retired: readonly string[];
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
  /** Environments that have verified this release. */
  readonly verifiedIn: readonly string[];
}

/** Says what a deployment would do. The same facts always give the same plan, which is what an approval is bound to. */
export function planDeployment(facts: PlanFacts): DeploymentPlan {
  const { release, running, reason } = facts;
  const environment = environmentOf(release.project, facts.environment);
  const rollouts = environment ? plannedRollouts(release.project, environment, facts) : [];
  return {
    environment: facts.environment,
    release: release.id,
    releaseDigest: release.digest,
    from: running?.id ?? null,
    reason,
    rollouts,
    retired: retiredServices(running, rollouts),
    leftOut: release.leftOut,
    // A way back is never blocked.
    approvals: reason === "rollback" ? 0 : (environment?.approvals ?? 0),
    obstacles: environment ? obstaclesOf(environment, rollouts, facts) : [unknownEnvironment(facts)],
  };
}

const unknownEnvironment = ({ environment, release }: PlanFacts): string =>
  `release ${release.id} knows no environment "${environment}"; it knows ${release.project.environments.map((known) => known.name).join(", ")}`;

function plannedRollouts(project: Project, environment: Environment, facts: PlanFacts): readonly PlannedRollout[] {
  const parts = new Map(facts.release.parts.map((part) => [part.service, part]));
  const before = new Map(facts.running?.parts.map((part) => [part.service, part]));
  const planned: PlannedRollout[] = [];
  for (const service of project.services) {
    const part = parts.get(service.name);
    const placement = environment.placements.find((candidate) => candidate.service === service.name);
    if (!part || !placement || service.run === null) continue;
    const from = before.get(service.name);
    planned.push({
      service: service.name,
      action: from === undefined ? "start" : from.artifact === part.artifact ? "restart" : "replace",
      from: from === undefined ? null : (facts.running?.id ?? null),
      to: facts.release.id,
      replicas: placement.replicas,
      strategy: placement.strategy,
      artifact: part.artifact,
      after: service.dependsOn.filter((name) => planned.some((other) => other.service === name)),
    });
  }
  return planned;
}

const retiredServices = (running: Release | null, rollouts: readonly PlannedRollout[]): readonly string[] =>
  (running?.parts ?? [])
    .filter(({ service }) => running?.project.services.some((known) => known.name === service && known.run !== null))
    .map(({ service }) => service)
    .filter((service) => !rollouts.some((rollout) => rollout.service === service));

function obstaclesOf(
  environment: Environment,
  rollouts: readonly PlannedRollout[],
  { release, reason, verifiedIn }: PlanFacts,
): readonly string[] {
  const found: string[] = [];
  const { promotesFrom } = environment;
  if (reason !== "rollback" && promotesFrom !== null && !verifiedIn.includes(promotesFrom))
    found.push(
      `${environment.name} takes only what ${promotesFrom} has verified, and ${release.id} is not verified there`,
    );
  if (rollouts.length === 0) found.push(`release ${release.id} has nothing to run in ${environment.name}`);
  for (const { service, strategy, replicas } of rollouts)
    for (const problem of strategyProblems(strategy, replicas)) found.push(`${service}: ${problem}`);
  return found;
}
