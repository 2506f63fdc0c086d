import type { MigrationSet, ReleaseMigration, RunId } from "@fairway/core";
import { plannedOf } from "@fairway/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import { historyIn } from "../store/history-for-tests.ts";
import { migrationsOnRecordMigration } from "../store/migrations/0027-migrations-on-record.ts";
import type { Store } from "../store/store.ts";
import { storeForTests } from "../store/testing/store-for-tests.ts";
import { applyPlanned } from "./apply-planned.ts";
import type { RecordedDatabase } from "./record-what-is-there.ts";
import { nameOfRun, recordBrought, recordWhatIsThere } from "./record-what-is-there.ts";

let store: Store;
let users: FreshDatabase;
const runs: RunId[] = [];
storeForTests(async (opened) => {
  store = opened;
  const history = historyIn(store);
  const release = await history.release("a");
  for (let made = 0; made < 2; made++) runs.push(await history.deploy("staging", release));
  runs.push(await history.deploy("production", release));
});
beforeAll(async () => {
  users = await freshDatabase();
});
afterAll(() => users.drop());

const migration = (id: string): ReleaseMigration => ({
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${id}`,
  class: "expand",
  reasons: [],
  reversible: false,
  up: "select 1",
  transaction: true,
  batches: false,
  locks: [],
  unusedSince: null,
  back: null,
});

const setOf = (...ids: readonly string[]): MigrationSet => ({
  version: 1,
  tool: "sql",
  folder: "db",
  migrations: ids.map(migration),
});

/** A run that is killed after the database has the migration, and before anything is on record. */
async function appliedAndKilled(set: MigrationSet, id: string, by: string, service = "web"): Promise<void> {
  const came = await applyPlanned({
    planned: plannedOf(service, migration(id), "before-rollout"),
    set,
    url: users.connectionString,
    limits: { lockTimeout: 5_000, statementTimeout: 10_000 },
    by,
    token: async () => ({ scope: "staging/web", epoch: 1, holder: "run-1" }),
    raiseFence: async () => undefined,
    tell: () => undefined,
    signal: new AbortController().signal,
  });
  expect(came).toEqual({ came: "applied" });
}

const run = (at: number): RunId => runs[at] ?? ("run-0" as RunId);
const databaseOf = (set: MigrationSet, over: Partial<RecordedDatabase> = {}): RecordedDatabase => ({
  environment: "staging",
  service: "web",
  set,
  url: users.connectionString,
  ...over,
});

const told = (id: string): Promise<readonly { readonly environment: string; readonly run: string }[]> =>
  store.rows(
    `select environment, entry::json->'detail'->>'run' as run from fairway.audit
      where action = 'migration.applied' and subject = $1 order by number`,
    [id],
  );

describe("what a database was brought", () => {
  test("is on record once, however many find that it is not", async () => {
    const set = setOf("1");
    await appliedAndKilled(set, "1", nameOfRun("r1", run(0)));
    expect(await told("1")).toEqual([]);
    const found = await Promise.all([1, 2, 3, 4].map(() => recordWhatIsThere(store, databaseOf(set))));
    expect(found.flat()).toEqual(["1"]);
    expect(await told("1")).toEqual([{ environment: "staging", run: run(0) }]);
  });

  test("is left to who brought it: another service, another environment of which this is a copy, another installation, a person", async () => {
    const set = setOf("others", "copied", "elsewhere", "by-hand");
    await appliedAndKilled(set, "others", nameOfRun("r1", run(0)), "worker");
    await appliedAndKilled(set, "copied", nameOfRun("r1", run(2)));
    await appliedAndKilled(set, "elsewhere", nameOfRun("r1", "run-99999"));
    await appliedAndKilled(set, "by-hand", "ada");
    expect(await recordWhatIsThere(store, databaseOf(set))).toEqual([]);
    expect(await recordWhatIsThere(store, databaseOf(set, { service: "worker" }))).toEqual(["others"]);
  });

  test("is told in its order, forth and back and forth again, each once whatever is killed and repeated", async () => {
    const steps = [
      { run: 0, direction: "forward" },
      { run: 1, direction: "back" },
      { run: 1, direction: "forward" },
    ] as const;
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }), async (repeated) => {
        const id = `story-${made++}`;
        for (const [at, step] of steps.entries())
          for (let times = repeated[at] ?? 1; times > 0; times--)
            await recordBrought(store, [
              {
                environment: "staging",
                service: "web",
                id,
                run: run(step.run),
                direction: step.direction,
                class: "expand",
                checksum: "sha256:1",
              },
            ]);
        expect((await told(id)).map((one) => one.run)).toEqual([run(0), run(1), run(1)]);
      }),
      { numRuns: 10 },
    );
  });

  test("and was recorded by a version that kept no list is not recorded again", async () => {
    await store.rows("drop table fairway.migrations_on_record");
    await store.pool.query(migrationsOnRecordMigration);
    expect(await recordWhatIsThere(store, databaseOf(setOf("1")))).toEqual([]);
  });
});
