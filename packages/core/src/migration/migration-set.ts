import type { ReleaseId } from "../ids.ts";
import type { MigrationTool } from "../project/service-migrations.ts";
import type { Migration, MigrationClass } from "./migration.ts";
import { phaseOf } from "./migration.ts";

/** One migration as a release brings it: all that a deployment needs to run it, and to take it back. */
export interface ReleaseMigration extends Migration {
  /** SQL of the way there, with what the tool itself would record of it. */
  readonly up: string;
  /** Whether one transaction holds all of it. */
  readonly transaction: boolean;
  /** Its one statement is run for so many rows at a time, each time in a transaction of its own that says how far it came. */
  readonly batches: boolean;
  /** Tables that others are kept from while it runs. */
  readonly locks: readonly string[];
  /**
   * The release or the migration since which no program uses what it takes away, as its author says; null where nobody does.
   */
  readonly unusedSince: string | null;
  /** The way back; null where there is none, or only the tool can say. */
  readonly back: {
    readonly sql: string;
    readonly class: MigrationClass;
    /** There, back and there again was tried, and left the schema as it was. */
    readonly tested: boolean;
  } | null;
}

/** Every migration of one service, in the order in which they run: what a release keeps under one digest. */
export interface MigrationSet {
  readonly version: 1;
  readonly tool: MigrationTool;
  /** Relative to the repository. */
  readonly folder: string;
  readonly migrations: readonly ReleaseMigration[];
}

/** The schemas that the programs of a release run on. */
export interface SchemaRange {
  /** The newest migration that must be there before they start; null where they need none. */
  readonly from: string | null;
  /** The newest that they know. They run on later schemas too, as long as those only expand. */
  readonly to: string | null;
}

/** The schemas that a release runs on, whose migrations these are. */
export const schemaRange = ({ migrations }: Pick<MigrationSet, "migrations">): SchemaRange => ({
  from: migrations.findLast(({ class: of }) => phaseOf(of) !== "after-rollout")?.id ?? null,
  to: migrations.at(-1)?.id ?? null,
});

/** Whether programs of a release go on after a migration that they do not know, whatever it takes away. */
export function isUnusedBy(
  { unusedSince }: Pick<ReleaseMigration, "unusedSince">,
  release: ReleaseId,
  known: Pick<MigrationSet, "migrations">,
): boolean {
  if (unusedSince === null) return false;
  const [since, number] = [/^r(\d+)$/u.exec(unusedSince)?.[1], /^r(\d+)$/u.exec(release)?.[1]];
  if (since !== undefined && number !== undefined) return Number(number) >= Number(since);
  return known.migrations.some(({ id }) => id === unusedSince);
}
