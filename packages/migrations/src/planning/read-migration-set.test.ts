import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { ReadFile } from "../layouts/read-folder.ts";
import { loadSqlParser } from "../reading/read-sql.ts";
import type { MigrationFolder, MigrationSetReading } from "./read-migration-set.ts";
import { readMigrationSet } from "./read-migration-set.ts";

const file = (path: string, text: string): ReadFile => ({
  path,
  text,
  checksum: `sha256:${createHash("sha256").update(text).digest("hex")}`,
});
const read = (files: Readonly<Record<string, string>>, more: Partial<MigrationFolder> = {}): MigrationSetReading =>
  readMigrationSet({
    folder: "api/db",
    files: Object.entries(files).map(([path, text]) => file(path, text)),
    tool: null,
    printed: null,
    known: new Map(),
    baseline: null,
    ...more,
  });
const said = ({ problems }: MigrationSetReading): string =>
  problems.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}; ${one.fix}`).join("\n");

beforeAll(loadSqlParser);

describe("the migrations of a release", () => {
  test("have their class, what they lock and their way back", () => {
    const { set, problems } = read({
      "0001_orders.sql": "create table orders (id bigint primary key, note text);\n",
      "0002_status.up.sql": "alter table orders add column status text;\n",
      "0002_status.down.sql": "alter table orders drop column status;\n",
      "0003_note.sql":
        "-- fairway: unused-since r4\n-- fairway-ignore: drop-column, nothing reads it\nalter table orders drop column note;\n",
    });
    expect(problems).toEqual([]);
    expect(set?.migrations).toMatchObject([
      { id: "0001_orders", class: "expand", locks: [], back: null },
      { id: "0002_status", class: "expand", locks: ["orders"], reversible: true, back: { tested: false } },
      { id: "0003_note", class: "irreversible", unusedSince: "r4", file: "api/db/0003_note.sql" },
    ]);
  });

  test.each([
    [
      "a syntax error",
      { "0001_a.sql": "create table a (id bigint primary key);\nalter tabel a;\n" },
      /0001_a\.sql:2:7: syntax error at or near "tabel"/,
    ],
    [
      "a version that is taken twice",
      { "0001_a.sql": "select 1;", "0001_b.sql": "select 1;" },
      /0001_b\.sql:null:null: version 1 is taken twice/,
    ],
    [
      "a finding of the lint",
      { "0001_a.sql": "create table a (id bigint primary key);", "0002_b.sql": "\ncreate index i on a (id);" },
      /0002_b\.sql:2:1: .*\(.*\); .*fairway-ignore/,
    ],
  ])("are none with %s, and file and line are told", (_what, files, words) => {
    const reading = read(files);
    expect(reading.set).toBeNull();
    expect(said(reading)).toMatch(words);
  });

  test("two heads of Alembic are told with the command that joins them", () => {
    const revision = (id: string, after: string | null): string =>
      `"""${id}"""\nrevision = "${id}"\ndown_revision = ${after === null ? "None" : `"${after}"`}\ndef upgrade():\n    pass\n`;
    const reading = read({ "a.py": revision("a", null), "b.py": revision("b", "a"), "c.py": revision("c", "a") });
    expect(said(reading)).toMatch(
      /api\/db\/c\.py.*there are 2 heads: b \(b\.py\), c \(c\.py\); join them: alembic merge/,
    );
  });

  test("what the release before had already is not linted again, unless it was changed", () => {
    const files = {
      "0001_a.sql": "create table a (id bigint primary key);",
      "0002_b.sql": "create index i on a (id);",
    };
    const checksum = file("0002_b.sql", files["0002_b.sql"]).checksum;
    expect(read(files, { known: new Map([["0002_b", checksum]]) }).problems).toEqual([]);
    expect(read(files, { known: new Map([["0002_b", "sha256:other"]]) }).problems).not.toEqual([]);
  });

  test("nothing is said about what was applied before Fairway came", () => {
    const files = {
      "0001_a.sql": "create table a (id bigint primary key);",
      "0002_b.sql": "create index i on a (id);",
      "0003_c.sql": "create index j on a (id);",
    };
    expect(said(read(files, { baseline: "0002_b" }))).toMatch(/^api\/db\/0003_c\.sql:1:1: [^\n]*$/);
    expect(read(files, { baseline: "0003_c" }).set?.migrations).toHaveLength(3);
    expect(said(read(files, { baseline: "0009_z" }))).toContain('there is no migration "0009_z"');
  });

  test("Alembic's own record comes with what it prints", () => {
    const printed = `BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> a1

CREATE TABLE orders (id BIGINT PRIMARY KEY);

INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING alembic_version.version_num;

COMMIT;
`;
    const revision = `revision = "a1"\ndown_revision = None\ndef upgrade():\n    op.create_table("orders")\n`;
    const { set } = read({ "a1_orders.py": revision }, { printed });
    expect(set?.migrations[0]?.up).toMatch(
      /CREATE TABLE orders[\s\S]*create table if not exists alembic_version[\s\S]*INSERT INTO alembic_version \(version_num\) VALUES \('a1'\)/,
    );
    expect(set?.migrations[0]?.up).not.toMatch(/COMMIT|BEGIN/);
    expect(said(read({ "a1_orders.py": revision }))).toMatch(/the SQL that was printed has nothing of it/);
  });

  test("Prisma's own record is part of the transaction", () => {
    const { set } = read({
      "20260101000000_orders/migration.sql": "CREATE TABLE orders (id BIGINT PRIMARY KEY) -- last",
    });
    expect(set).toMatchObject({ tool: "prisma", migrations: [{ transaction: true }] });
    expect(set?.migrations[0]?.up).toMatch(/-- last\n;\ncreate table if not exists "_prisma_migrations"/);
  });
});
