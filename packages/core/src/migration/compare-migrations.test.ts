import type { Migration } from "./migration.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RecordedMigration } from "./recorded-migration.ts";
import { compareMigrations } from "./compare-migrations.ts";

const migration = (id: string): Migration => ({
  id,
  title: id,
  file: `db/${id}.sql`,
  checksum: `sha256:${id}`,
  class: "expand",
  reasons: [],
  reversible: false,
});

const recorded = (id: string, more: Partial<RecordedMigration> = {}): RecordedMigration => ({
  id,
  checksum: `sha256:${id}`,
  state: "applied",
  appliedAt: null,
  trouble: null,
  ...more,
});

describe("the plan of migrations", () => {
  test("is what the database has not, in order", () => {
    const plan = compareMigrations(["1", "2", "3"].map(migration), [recorded("1")]);
    expect(plan).toMatchObject({ applied: ["1"], problems: [] });
    expect(plan.pending.map(({ id }) => id)).toEqual(["2", "3"]);
  });

  test("has no trouble with what a newer release brought", () => {
    expect(compareMigrations([migration("1")], [recorded("1"), recorded("2")])).toMatchObject({
      pending: [],
      problems: [],
    });
  });

  test.each([
    ["was changed after it was applied", [recorded("1", { checksum: "sha256:other" })]],
    ["nobody knows how far it came", [recorded("1", { state: "running" })]],
    ["failed half-way: no room", [recorded("1", { state: "failed", trouble: "no room" })]],
    ["comes before a migration that was applied already", [recorded("2")]],
  ])("is refused where one %s", (words, records) => {
    const { problems } = compareMigrations(["1", "2"].map(migration), records);
    expect(problems.map(({ message }) => message).join()).toContain(words);
  });

  test("never has one twice, and what is applied and pending is everything", () => {
    const ids = fc.uniqueArray(fc.constantFrom("1", "2", "3", "4", "5"));
    fc.assert(
      fc.property(ids, ids, (there, done) => {
        const { pending, applied } = compareMigrations(
          there.toSorted().map(migration),
          done.map((id) => recorded(id)),
        );
        expect([...pending.map(({ id }) => id), ...applied].toSorted()).toEqual(there.toSorted());
      }),
    );
  });
});
