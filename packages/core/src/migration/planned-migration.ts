import type { Digest } from "../ids.ts";
import { compareMigrations } from "./compare-migrations.ts";
import type { MigrationClass } from "./migration.ts";
import { phaseOf } from "./migration.ts";
import type { MigrationSet, ReleaseMigration } from "./migration-set.ts";
import type { DatabaseState, RecordedMigration } from "./recorded-migration.ts";

/** What a deployment would do to a service's database, one migration at a time. */
export interface PlannedMigration {
  readonly service: string;
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly checksum: Digest;
  readonly class: MigrationClass;
  /** `back`: its own way back is run. */
  readonly direction: "forward" | "back";
  /** Whether it runs while the old version still answers, or once nothing of it runs any more. */
  readonly phase: "before-rollout" | "after-rollout";
  /** Tables that others are kept from while it runs. */
  readonly locks: readonly string[];
  /** Why it has its class. */
  readonly reasons: readonly string[];
}

/** What must be known to plan the migrations of one service. */
export interface MigrationFacts {
  readonly service: string;
  /** Null in a release that has none. */
  readonly set: MigrationSet | null;
  readonly database: DatabaseState;
  /** The database of the environment that must have verified the release; null where any release may come. */
  readonly source: { readonly environment: string; readonly database: DatabaseState } | null;
}

/** The migrations that a deployment brings to one database, and what keeps it from doing so. */
export interface ServiceMigrationPlan {
  readonly planned: readonly PlannedMigration[];
  readonly obstacles: readonly string[];
}

/** A migration as a plan shows it. */
export const plannedOf = (
  service: string,
  { id, title, file, checksum, class: of, locks, reasons }: ReleaseMigration,
  phase: PlannedMigration["phase"],
  direction: PlannedMigration["direction"] = "forward",
): PlannedMigration => ({ service, id, title, file, checksum, class: of, direction, phase, locks, reasons });

/**
 * Plans what a deployment does to one database. Where nothing runs yet there is no old version to wait for, and all of it
 * comes first. What nobody can class comes first too, and a person is asked about it.
 */
export function planMigrations(
  { service, set, database, source }: MigrationFacts,
  nothingRuns: boolean,
): ServiceMigrationPlan {
  if (set === null) return { planned: [], obstacles: [] };
  if ("unreachable" in database)
    return { planned: [], obstacles: [`${service}: nobody knows what its database has: ${database.unreachable}`] };
  const { pending, problems } = compareMigrations(set.migrations, database.recorded);
  const planned = pending.map((one) =>
    plannedOf(service, one, nothingRuns || phaseOf(one.class) !== "after-rollout" ? "before-rollout" : "after-rollout"),
  );
  return {
    planned,
    obstacles: [
      ...problems.map(({ message, hint }) => `${service}: ${message}; ${hint}`),
      ...tooLate(service, set, database.recorded),
      ...tooEarly(service, planned),
      ...unverified(service, set, planned, source),
    ],
  };
}

/** What a later release has taken away, this one may need. */
function tooLate(
  service: string,
  { migrations }: MigrationSet,
  recorded: readonly RecordedMigration[],
): readonly string[] {
  const known = new Set(migrations.map(({ id }) => id));
  return recorded
    .filter(
      ({ id, class: of, adoptedFrom }) =>
        !known.has(id) && adoptedFrom === undefined && of !== undefined && phaseOf(of) !== "before-rollout",
    )
    .map(
      ({ id, class: of }) =>
        `${service}: ${id} (${of}) is in its database and not in this release, which may not run on it; go back with: fairway rollback, which knows the ways back`,
    );
}

/** What expands behind something that is still to contract would need that done while the old version answers. */
function tooEarly(service: string, planned: readonly PlannedMigration[]): readonly string[] {
  const contract = planned.findIndex(({ phase }) => phase === "after-rollout");
  const first = planned[contract];
  const behind = first && planned.slice(contract).find(({ phase }) => phase === "before-rollout");
  if (first === undefined || behind === undefined) return [];
  return [
    `${service}: ${behind.file} (${behind.class}) comes behind ${first.file} (${first.class}), which has to wait until the old version is gone; release them apart: deploy a release that ends with ${first.id}, then this one`,
  ];
}

/** Production takes only what was run where it was verified, byte for byte. */
function unverified(
  service: string,
  { migrations }: MigrationSet,
  planned: readonly PlannedMigration[],
  source: MigrationFacts["source"],
): readonly string[] {
  if (source === null || planned.length === 0) return [];
  const { environment, database } = source;
  if ("unreachable" in database)
    return [`${service}: nobody knows what ${environment} has verified: ${database.unreachable}`];
  const { pending, problems } = compareMigrations(migrations, database.recorded);
  const left = new Set(pending.map(({ id }) => id));
  return [
    ...planned
      .filter(({ id }) => left.has(id))
      .map(({ file }) => `${service}: ${file} has not been applied in ${environment}, which must verify it first`),
    ...problems.map(({ message }) => `${service} in ${environment}: ${message}`),
  ];
}
