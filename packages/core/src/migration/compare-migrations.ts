import type { Migration } from "./migration.ts";
import type { RecordedMigration } from "./recorded-migration.ts";

/** Something that keeps all migrations of a database from running. */
export interface MigrationProblem {
  readonly id: string;
  readonly message: string;
  readonly hint: string;
}

/** What is to be done to a database, and why it cannot be. */
export interface MigrationComparison<Kind extends Migration> {
  /** In the order in which they run. */
  readonly pending: readonly Kind[];
  readonly applied: readonly string[];
  /** Nothing may run while there is one. */
  readonly problems: readonly MigrationProblem[];
}

/**
 * Compares the migrations of a release with what a database has. The same input always gives the same answer. A migration
 * that the database has and the release has not is no problem by itself: a newer release has brought it.
 */
export function compareMigrations<Kind extends Migration & { readonly batches?: boolean }>(
  migrations: readonly Kind[],
  recorded: readonly RecordedMigration[],
): MigrationComparison<Kind> {
  const known = new Map(migrations.map((one) => [one.id, one]));
  // What is done in batches goes on where it stopped.
  const halted = (one: RecordedMigration): boolean => one.state === "running" && known.get(one.id)?.batches === true;
  const records = new Map(recorded.filter((one) => !halted(one)).map((one) => [one.id, one]));
  const pending = migrations.filter(({ id }) => !records.has(id));
  const lastApplied = migrations.findLastIndex(({ id }) => records.get(id)?.state === "applied");
  const late = pending.filter((one) => migrations.indexOf(one) < lastApplied);
  return {
    pending,
    applied: migrations.filter(({ id }) => records.get(id)?.state === "applied").map(({ id }) => id),
    problems: [
      ...migrations.flatMap((one) => edited(one, records.get(one.id))),
      ...[...records.values()].flatMap((one) => halfDone(one)),
      ...late.map(({ id, file }) => ({
        id,
        message: `${file} comes before a migration that was applied already`,
        hint: "give it a later version, so that every database gets it in the same order",
      })),
    ],
  };
}

const edited = (
  { id, checksum, file }: Migration,
  record: RecordedMigration | undefined,
): readonly MigrationProblem[] =>
  record?.state === "applied" && record.checksum !== null && record.checksum !== checksum
    ? [
        {
          id,
          message: `${file} was changed after it was applied`,
          hint: "put it back as it was, and write what is new as another migration",
        },
      ]
    : [];

function halfDone({ id, state, trouble }: RecordedMigration): readonly MigrationProblem[] {
  switch (state) {
    case "applied":
      return [];
    case "running":
      return [
        {
          id,
          message: `${id} was begun outside of a transaction and nobody knows how far it came`,
          hint: `look at the database, put it right, then say what is so: fairway migrations resolve ${id}`,
        },
      ];
    case "failed":
      return [
        {
          id,
          message: `${id} failed half-way${trouble === null ? "" : `: ${trouble}`}`,
          hint: `put the database right, then say what is so: fairway migrations resolve ${id}`,
        },
      ];
  }
}
