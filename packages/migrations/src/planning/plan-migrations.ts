import type { Digest, Migration } from "@fairway/core";

/** What a database says of a migration that was begun or done in it. */
export interface RecordedMigration {
  readonly id: string;
  /** Of the file as it was then; null where the tool keeps none. */
  readonly checksum: Digest | null;
  readonly state: "running" | "applied" | "failed";
  readonly appliedAt: string | null;
  /** What went wrong, in words for people. */
  readonly trouble: string | null;
}

/** What is to be done to a database, and why it cannot be. */
export interface MigrationPlan {
  /** In the order in which they run. */
  readonly pending: readonly Migration[];
  readonly applied: readonly string[];
  /** Nothing may run while there is one. */
  readonly problems: readonly { readonly id: string; readonly message: string; readonly hint: string }[];
}

/**
 * Compares the migrations of a release with what a database has. The same input always gives the same plan. A migration
 * that the database has and the release has not is no problem by itself: a newer release has brought it.
 */
export function planMigrations(
  migrations: readonly Migration[],
  recorded: readonly RecordedMigration[],
): MigrationPlan {
  const records = new Map(recorded.map((one) => [one.id, one]));
  const problems: { id: string; message: string; hint: string }[] = [];
  for (const { id, checksum, file } of migrations) {
    const record = records.get(id);
    if (record === undefined) continue;
    if (record.state === "applied" && record.checksum !== null && record.checksum !== checksum)
      problems.push({
        id,
        message: `${file} was changed after it was applied`,
        hint: "put it back as it was, and write what is new as another migration",
      });
  }
  for (const { id, state, trouble } of recorded) {
    if (state === "running")
      problems.push({
        id,
        message: `${id} was begun outside of a transaction and nobody knows how far it came`,
        hint: `look at the database, put it right, then say what is so: fairway migrations resolve ${id}`,
      });
    if (state === "failed")
      problems.push({
        id,
        message: `${id} failed half-way${trouble === null ? "" : `: ${trouble}`}`,
        hint: `put the database right, then say what is so: fairway migrations resolve ${id}`,
      });
  }
  const pending = migrations.filter(({ id }) => !records.has(id));
  const lastApplied = migrations.findLastIndex(({ id }) => records.get(id)?.state === "applied");
  for (const { id, file } of pending)
    if (migrations.findIndex((one) => one.id === id) < lastApplied)
      problems.push({
        id,
        message: `${file} comes before a migration that was applied already`,
        hint: "give it a later version, so that every database gets it in the same order",
      });
  return {
    pending,
    applied: migrations.filter(({ id }) => records.get(id)?.state === "applied").map(({ id }) => id),
    problems,
  };
}
