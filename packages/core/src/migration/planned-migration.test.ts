import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReleaseId } from "../ids.ts";
import type { MigrationClass } from "./migration.ts";
import type { MigrationSet, ReleaseMigration } from "./migration-set.ts";
import { schemaRange } from "./migration-set.ts";
import type { MigrationFacts } from "./planned-migration.ts";
import { planMigrations } from "./planned-migration.ts";
import type { RecordedMigration } from "./recorded-migration.ts";
import type { DatabaseBackFacts } from "./way-back-of-database.ts";
import { awaitsDatabase, unreadSchema, wayBackOfDatabase } from "./way-back-of-database.ts";

const migration = (id: string, of: MigrationClass, more: Partial<ReleaseMigration> = {}): ReleaseMigration => ({
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${id}`,
  class: of,
  reasons: [],
  reversible: more.back !== undefined,
  up: "select 1",
  transaction: true,
  batches: false,
  locks: [],
  unusedSince: null,
  back: null,
  ...more,
});
const tested = { sql: "select 1", class: "expand", tested: true } as const;
const setOf = (...migrations: readonly ReleaseMigration[]): MigrationSet => ({
  version: 1,
  tool: "sql",
  folder: "db",
  migrations,
});
const applied = (...ids: readonly string[]): { readonly recorded: readonly RecordedMigration[] } => ({
  recorded: ids.map((id) => ({ id, checksum: `sha256:${id}`, state: "applied", appliedAt: null, trouble: null })),
});
const facts = (set: MigrationSet, more: Partial<MigrationFacts> = {}): MigrationFacts => ({
  service: "api",
  set,
  database: applied(),
  source: null,
  ...more,
});
const back = (more: Partial<DatabaseBackFacts>): DatabaseBackFacts => ({
  service: "api",
  to: "r1" as ReleaseId,
  toSet: null,
  fromSet: null,
  database: applied(),
  ...more,
});

const expand = migration("1", "expand");
const data = migration("2", "data");
const contract = migration("3", "contract");

describe("what a deployment does to a database", () => {
  test("expands before the rollout and contracts after it", () => {
    const { planned, obstacles } = planMigrations(facts(setOf(expand, data, contract)), false);
    expect(planned.map(({ id, phase }) => [id, phase])).toEqual([
      ["1", "before-rollout"],
      ["2", "before-rollout"],
      ["3", "after-rollout"],
    ]);
    expect(obstacles).toEqual([]);
  });

  test("is refused where something expands behind what is still to contract", () => {
    const { obstacles } = planMigrations(facts(setOf(contract, migration("4", "expand"))), false);
    expect(obstacles.join()).toContain("api: db/4.sql (expand) comes behind db/3.sql (contract)");
    expect(obstacles.join()).toContain("release them apart");
  });

  test("is all of it at once where nothing runs yet", () => {
    const { planned, obstacles } = planMigrations(facts(setOf(contract, migration("4", "expand"))), true);
    expect(planned.every(({ phase }) => phase === "before-rollout")).toBe(true);
    expect(obstacles).toEqual([]);
  });

  test("takes only what the environment before has applied, byte for byte", () => {
    const source = (database: MigrationFacts["database"]): MigrationFacts["source"] => ({
      environment: "staging",
      database,
    });
    const at = (database: MigrationFacts["database"]): string =>
      planMigrations(facts(setOf(expand, data), { source: source(database) }), false).obstacles.join();
    expect(at(applied("1", "2"))).toBe("");
    expect(at(applied("1"))).toContain("db/2.sql has not been applied in staging");
    expect(at({ unreachable: "no route" })).toContain("nobody knows what staging has verified: no route");
    const edited = applied("1", "2").recorded.map((one) => ({ ...one, checksum: "sha256:other" as const }));
    expect(at({ recorded: edited })).toContain("api in staging: db/1.sql was changed after it was applied");
  });

  test("is refused where a later release has taken something away, but for what another service brought", () => {
    const later = { ...applied("9").recorded[0], class: "contract" } as RecordedMigration;
    const at = (record: RecordedMigration): readonly string[] =>
      planMigrations(facts(setOf(expand), { database: { recorded: [record] } }), false).obstacles;
    expect(at(later)).toEqual([
      expect.stringMatching(/^api: 9 \(contract\) is in its database and not in this release/),
    ]);
    expect(at({ ...later, adoptedFrom: "prisma" })).toEqual([]);
    expect(at({ ...later, class: "expand" })).toEqual([]);
  });

  test("is refused while nobody knows what the database has", () => {
    const { obstacles } = planMigrations(facts(setOf(expand), { database: { unreachable: "refused" } }), false);
    expect(obstacles).toEqual(["api: nobody knows what its database has: refused"]);
  });

  test("goes on with batches that stopped, and with nothing else that did", () => {
    const running = { ...applied("2").recorded[0], state: "running" } as RecordedMigration;
    const batched = planMigrations(
      facts(setOf(migration("2", "data", { batches: true })), { database: { recorded: [running] } }),
      false,
    );
    expect(batched).toMatchObject({ planned: [{ id: "2" }], obstacles: [] });
    const other = planMigrations(facts(setOf(data), { database: { recorded: [running] } }), false);
    expect(other.obstacles.join()).toContain("fairway migrations resolve 2");
  });
});

describe("what becomes of a database on the way back", () => {
  test("it stays where the later migrations only expand", () => {
    expect(
      wayBackOfDatabase(back({ toSet: setOf(expand), fromSet: setOf(expand, data), database: applied("1", "2") })),
    ).toEqual({
      way: "irreversible",
      note: "it stays as it is, and r1 goes on with it: 2",
      planned: [],
      refused: null,
    });
  });

  const contracted = (more: Partial<ReleaseMigration>, after: readonly ReleaseMigration[] = []): DatabaseBackFacts => {
    const one = migration("3", "contract", more);
    return back({
      toSet: setOf(expand),
      fromSet: setOf(expand, one, ...after),
      database: applied("1", "3", ...after.map(({ id }) => id)),
    });
  };

  test.each([
    ["has no way back", {}],
    ["was never tried", { back: { ...tested, tested: false } }],
    ["would take something from what runs now", { back: { ...tested, class: "contract" } }],
    ["cannot be brought back", { class: "irreversible", back: tested }],
  ] as const)("it is refused where what was taken away %s", (words, more) => {
    const { refused } = wayBackOfDatabase(contracted(more));
    expect(refused).toContain("r1 cannot run on its database: db/3.sql");
    expect(refused).toContain(words);
  });

  test("a way back that was tried is run, and what came later goes first", () => {
    const later = migration("4", "contract", { back: tested });
    expect(wayBackOfDatabase(contracted({ back: tested }, [later]))).toMatchObject({
      way: "compensate",
      planned: [
        { id: "4", direction: "back", phase: "before-rollout" },
        { id: "3", direction: "back", phase: "before-rollout" },
      ],
      refused: null,
    });
  });

  test("it is no matter to a release that does not use what was taken away", () => {
    expect(wayBackOfDatabase({ ...contracted({ unusedSince: "r2" }), to: "r2" as ReleaseId }).refused).toBeNull();
    expect(wayBackOfDatabase({ ...contracted({ unusedSince: "r2" }), to: "r1" as ReleaseId }).refused).not.toBeNull();
    expect(wayBackOfDatabase(contracted({ unusedSince: "1" })).refused).toBeNull();
  });

  test("a database that cannot be asked is taken to have all that runs", () => {
    const { refused } = wayBackOfDatabase({ ...contracted({}), database: { unreachable: "away" } });
    expect(refused).toContain("r1 cannot run");
    expect(refused).toContain("its database could not be read: away");
    expect(wayBackOfDatabase(contracted({})).refused).not.toContain("could not be read");
  });

  test("a database that cannot be asked keeps nothing where it is, and what is not known is said", () => {
    const away = { unreachable: "connection refused" };
    const facts = back({ toSet: setOf(expand), fromSet: setOf(expand, data), database: away });
    expect(wayBackOfDatabase(facts).refused).toBeNull();
    expect(unreadSchema(facts)).toMatch(
      /^the schema of \w+ could not be read: connection refused; the rollback goes on without the verdict/,
    );
    expect(unreadSchema({ ...facts, database: applied("1", "2") })).toBeNull();
    expect(unreadSchema({ ...contracted({}), database: away })).toBeNull();
  });

  test("only where nobody answers does an earlier release wait in vain", () => {
    const facts = back({ toSet: setOf(expand), fromSet: setOf(expand, data) });
    const of = (database: DatabaseBackFacts["database"]): string | null =>
      awaitsDatabase({ ...facts, database }, "production");
    expect(of({ unreachable: "could not reach it", silent: true })).toMatch(
      /would not come up: could not reach it, .*or all the same: fairway rollback production --force$/u,
    );
    expect(of({ unreachable: "too many connections" })).toBeNull();
    expect(of(applied("1", "2"))).toBeNull();
    // It stays where it is for another reason already.
    expect(
      awaitsDatabase({ ...contracted({}), database: { unreachable: "away", silent: true } }, "production"),
    ).toBeNull();
  });

  test("it is refused where the database lacks what the earlier release needs, or is half done", () => {
    expect(wayBackOfDatabase(back({ toSet: setOf(expand) })).refused).toContain("r1 needs db/1.sql");
    const recorded = applied("9").recorded.map((record) => ({ ...record, state: "failed" as const }));
    expect(wayBackOfDatabase(back({ database: { recorded } })).refused).toContain("9 is half done");
  });
});

test("going forth and back never leaves an old version on a schema that took something from it", () => {
  const classes = fc.constantFrom<MigrationClass>("expand", "data", "contract", "irreversible", "unknown");
  fc.assert(
    fc.property(fc.array(fc.tuple(classes, fc.boolean()), { maxLength: 6 }), fc.nat(6), (made, cut) => {
      const all = made.map(([of, isTested], index) => migration(String(index), of, isTested ? { back: tested } : {}));
      const known = all.slice(0, cut);
      const answer = wayBackOfDatabase(
        back({ toSet: setOf(...known), fromSet: setOf(...all), database: applied(...all.map(({ id }) => id)) }),
      );
      const undone = new Set(answer.planned.map(({ id }) => id));
      const left = all.slice(cut).filter(({ id }) => !undone.has(id));
      expect(answer.refused !== null || left.every(({ class: of }) => of === "expand" || of === "data")).toBe(true);
      // What is taken back is always the end of the row.
      expect(answer.planned.map(({ id }) => Number(id))).toEqual(
        all
          .slice(all.length - undone.size)
          .map(({ id }) => Number(id))
          .toReversed(),
      );
    }),
    { numRuns: 200 },
  );
});

test("a release needs the newest migration that comes before its start, and knows them all", () => {
  expect(schemaRange(setOf(expand, data, contract))).toEqual({ from: "2", to: "3" });
  expect(schemaRange(setOf())).toEqual({ from: null, to: null });
});
