import type { MigrationSet } from "@fairway/core";
import { appliedMigrations, withSession } from "@fairway/migrations";
import type { BroughtMigration } from "../store/migrations-on-record.ts";
import { putOnRecord } from "../store/migrations-on-record.ts";
import type { Store } from "../store/store.ts";

/** A service's database, and what it may have been brought. */
export interface RecordedDatabase {
  readonly environment: string;
  readonly service: string;
  readonly set: MigrationSet;
  readonly url: string;
}

/** Who a run says it is in the database that it changes. */
export const nameOfRun = (release: string, run: string): string => `fairway ${release} ${run}`;

const runOf = (by: string): string | null => /^fairway \S+ (run-\d+)$/u.exec(by)?.[1] ?? null;

/** Puts migrations on record, each once however often it is told. */
export const recordBrought = (
  store: Pick<Store, "transaction">,
  brought: readonly BroughtMigration[],
): Promise<readonly BroughtMigration[]> => store.transaction((tx) => putOnRecord(tx, brought));

/**
 * Puts on record what the database says was brought to it and the audit does not have: the two are not of one transaction, so a
 * run that is killed between them leaves that to whoever comes next. May be repeated. Answers with the ids of what was missing.
 */
export async function recordWhatIsThere(
  store: Pick<Store, "transaction">,
  { environment, service, set, url }: RecordedDatabase,
): Promise<readonly string[]> {
  const there = await withSession(url, { lock: 5_000, statement: 30_000 }, appliedMigrations);
  const known = new Set(set.migrations.map(({ id }) => id));
  const brought = there.flatMap(({ id, by, class: of, checksum, service: whose }): readonly BroughtMigration[] => {
    const run = runOf(by);
    // Of several services that share a database each records its own.
    if (run === null || !known.has(id) || (whose ?? service) !== service) return [];
    return [{ environment, service, id, run, direction: "forward", class: of, checksum }];
  });
  return (await recordBrought(store, brought)).map(({ id }) => id);
}
