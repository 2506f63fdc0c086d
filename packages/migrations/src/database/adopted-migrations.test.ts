import { createHash } from "node:crypto";
import type { MigrationSet, RecordedMigration } from "@fairway/core";
import { Client } from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ReadFile } from "../layouts/read-folder.ts";
import { readMigrationSet } from "../planning/read-migration-set.ts";
import { loadSqlParser } from "../reading/read-sql.ts";
import { databaseRecord } from "./adopted-migrations.ts";
import { applyMigration } from "./apply-migration.ts";
import { claimRecords } from "./record-table.ts";
import type { TestDatabase } from "./testing/database-for-tests.ts";
import { databaseForTests } from "./testing/database-for-tests.ts";

let database: TestDatabase;
let client: Client;

beforeAll(loadSqlParser);
beforeEach(async () => {
  database = await databaseForTests();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const file = (path: string, text: string): ReadFile => ({
  path,
  text,
  checksum: `sha256:${createHash("sha256").update(text).digest("hex")}`,
});

function setOf(files: Readonly<Record<string, string>>, printed: string | null = null): MigrationSet {
  const found = Object.entries(files).map(([path, text]) => file(path, text));
  const { set, problems } = readMigrationSet({
    folder: "db",
    files: found,
    tool: null,
    printed,
    known: new Map(),
    baseline: null,
  });
  if (set === null) throw new Error(JSON.stringify(problems));
  return set;
}

const apply = async (set: MigrationSet, count: number): Promise<void> => {
  for (const one of set.migrations.slice(0, count))
    expect(await applyMigration(client, one, { by: "test", fence: 1 }, () => undefined)).toMatchObject({
      outcome: "applied",
    });
};

const states = (records: readonly RecordedMigration[]): readonly string[] =>
  records.map(({ id, state, adoptedFrom = "fairway" }) => `${id} ${state} ${adoptedFrom}`);

const one = "CREATE TABLE one (id BIGINT PRIMARY KEY)";
const two = "CREATE TABLE two (id BIGINT PRIMARY KEY)";
const revision = (id: string, after: string | null): string =>
  `revision = "${id}"\ndown_revision = ${after === null ? "None" : `"${after}"`}\ndef upgrade():\n    pass\n`;

const tools: readonly (readonly [string, Readonly<Record<string, string>>, string | null, readonly string[]])[] = [
  [
    "prisma",
    { "20260101000000_one/migration.sql": one, "20260102000000_two/migration.sql": two },
    null,
    ["20260101000000_one"],
  ],
  [
    "drizzle",
    {
      "meta/_journal.json": JSON.stringify({
        entries: [
          { idx: 0, tag: "0000_one", when: 1 },
          { idx: 1, tag: "0001_two", when: 2 },
        ],
      }),
      "0000_one.sql": one,
      "0001_two.sql": two,
    },
    null,
    ["0000_one"],
  ],
  ["flyway", { "V1__one.sql": one, "V2__two.sql": two }, null, ["1"]],
  [
    "alembic",
    { "a_one.py": revision("a", null), "b_two.py": revision("b", "a") },
    `-- Running upgrade  -> a\n\n${one};\n\nINSERT INTO alembic_version (version_num) VALUES ('a');\n\n-- Running upgrade a -> b\n\n${two};\n\nUPDATE alembic_version SET version_num='b' WHERE alembic_version.version_num = 'a';\n\nCOMMIT;\n`,
    ["a"],
  ],
];

describe("what a tool keeps of its migrations", () => {
  test.each(tools)(
    "%s finds them done that Fairway applied, and Fairway those that it finds there",
    async (tool, files, printed, ids) => {
      const set = setOf(files, printed);
      expect(set.tool).toBe(tool);
      await apply(set, 1);
      expect(states(await databaseRecord(client, set, "api"))).toEqual(ids.map((id) => `${id} applied fairway`));
      // As if only the tool had ever been there.
      await client.query("drop table fairway_migrations");
      expect(states(await databaseRecord(client, set, "api"))).toEqual(ids.map((id) => `${id} applied ${tool}`));
      await apply({ ...set, migrations: set.migrations.slice(1) }, 1);
      expect(states(await databaseRecord(client, set, "api"))).toHaveLength(2);
    },
  );

  test("one that Prisma left half done is told as failed", async () => {
    const set = setOf({ "20260101000000_one/migration.sql": one, "20260102000000_two/migration.sql": two });
    await apply(set, 1);
    await client.query(
      `drop table fairway_migrations; update "_prisma_migrations" set finished_at = null, logs = 'no room'`,
    );
    expect(await databaseRecord(client, set, "api")).toMatchObject([
      { id: "20260101000000_one", state: "failed", trouble: "no room", adoptedFrom: "prisma" },
    ]);
  });

  test("a migration in batches is on the tool's record with its last batch", async () => {
    const set = setOf({
      "20260101000000_one/migration.sql":
        "CREATE TABLE one (id BIGINT PRIMARY KEY, n INT);\nINSERT INTO one SELECT i, 0 FROM generate_series(1, 5) i;\n",
      "20260102000000_fill/migration.sql":
        "-- fairway: batch 2 of one by id\nUPDATE one SET n = 1 WHERE id BETWEEN $1 AND $2",
    });
    await apply(set, 2);
    expect((await client.query("select sum(n)::int as sum from one")).rows).toEqual([{ sum: 5 }]);
    await client.query("drop table fairway_migrations");
    expect(states(await databaseRecord(client, set, "api"))).toEqual([
      "20260101000000_one applied prisma",
      "20260102000000_fill applied prisma",
    ]);
  });

  test("services that share a database are told only of what is theirs", async () => {
    const [mine, other] = [setOf({ "1_mine.sql": `${one};` }), setOf({ "7_other.sql": `${two};` })];
    await apply(mine, 1);
    await claimRecords(client, "api", ["1_mine"]);
    await apply(other, 1);
    expect(states(await databaseRecord(client, mine, "api"))).toEqual([
      "1_mine applied fairway",
      "7_other applied fairway",
    ]);
    await claimRecords(client, "jobs", ["7_other"]);
    expect(states(await databaseRecord(client, mine, "api"))).toEqual(["1_mine applied fairway"]);
    expect(states(await databaseRecord(client, other, "jobs"))).toEqual(["7_other applied fairway"]);
  });
});
