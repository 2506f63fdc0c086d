import type { DeploymentPlan, PlannedMigration } from "@fairway/core";

/** A job of a deployment that looks after databases. */
export interface MigrationJob {
  readonly name: string;
  readonly stage: "migrate" | "contract";
  readonly service: string;
}

/**
 * The jobs by which a deployment changes databases: `before` the rollouts what expands and what is taken back, and `after` all
 * is done what the old version needed. Services have theirs at the same time; who shares a database waits for its turn there.
 */
export function migrationJobs({ migrations = [] }: Pick<DeploymentPlan, "migrations">): {
  readonly before: readonly MigrationJob[];
  readonly after: readonly MigrationJob[];
} {
  const services = (phase: PlannedMigration["phase"]): readonly string[] => [
    ...new Set(migrations.filter((one) => one.phase === phase).map(({ service }) => service)),
  ];
  return {
    before: services("before-rollout").map((service) => ({ name: `migrate:${service}`, stage: "migrate", service })),
    after: services("after-rollout").map((service) => ({ name: `contract:${service}`, stage: "contract", service })),
  };
}

/** Whether all that is to be done to databases now has its job in the plan that was made before. */
export function hasJobsFor(
  { migrations: planned = [] }: Pick<DeploymentPlan, "migrations">,
  { migrations: now = [] }: Pick<DeploymentPlan, "migrations">,
): boolean {
  const key = ({ service, id, checksum, phase, direction }: PlannedMigration): string =>
    [service, id, checksum, phase, direction].join("\n");
  const known = new Set(planned.map(key));
  return now.every((one) => known.has(key(one)));
}
