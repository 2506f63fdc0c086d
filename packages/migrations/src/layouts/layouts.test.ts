import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alembicSql } from "./alembic-sql.ts";
import { compareVersions } from "./compare-versions.ts";
import type { FolderFile } from "./layout.ts";
import { readLayout } from "./read-layout.ts";

const files = (of: Readonly<Record<string, string>>): readonly FolderFile[] =>
  Object.entries(of).map(([path, text]) => ({ path, text }));

describe("plain SQL", () => {
  test("runs in the order of its numbers, not of its letters", () => {
    const { name, migrations, problems } = readLayout(
      files({ "10_last.sql": "select 3", "9_middle.sql": "select 2", "0001-first.sql": "select 1", "README.md": "" }),
    );
    expect([name, problems]).toEqual(["sql", []]);
    expect(migrations.map(({ id, title }) => [id, title])).toEqual([
      ["0001-first", "first"],
      ["9_middle", "middle"],
      ["10_last", "last"],
    ]);
  });

  test("knows its ways back, and what runs outside of a transaction", () => {
    const { migrations } = readLayout(
      files({
        "1_a.up.sql": "-- fairway: no-transaction\ncreate index concurrently i on t (a)",
        "1_a.down.sql": "drop index i",
        "2_b.sql": "select 1",
      }),
    );
    expect(migrations.map(({ id, reversible, transaction }) => [id, reversible, transaction])).toEqual([
      ["1_a", true, false],
      ["2_b", false, true],
    ]);
  });

  test("is refused with two of one number, a name without one, and a way back of nothing", () => {
    const { problems } = readLayout(files({ "1_a.sql": "", "01_b.sql": "", "c.sql": "", "7_d.down.sql": "" }));
    expect(problems.map(({ file, message }) => [file, message])).toEqual([
      ["c.sql", "its name does not say when its turn is"],
      ["01_b.sql", "version 1 is taken twice: 1_a.sql, 01_b.sql"],
      ["7_d.down.sql", "it is the way back of a migration that is not there"],
    ]);
  });
});

describe("Prisma", () => {
  test("has a folder for each", () => {
    const { name, migrations, problems } = readLayout(
      files({
        "migration_lock.toml": 'provider = "postgresql"\n',
        "20260102000000_second/migration.sql": "create index concurrently i on t (a);",
        "20260101000000_add_notes/migration.sql": "select 1; select 2;",
      }),
    );
    expect([name, problems]).toEqual(["prisma", []]);
    expect(migrations.map(({ title, transaction }) => [title, transaction])).toEqual([
      ["add notes", true],
      ["second", false],
    ]);
  });

  test("is refused for another database, and with an empty folder", () => {
    const { problems } = readLayout(
      files({ "migration_lock.toml": 'provider = "mysql"', "20260101000000_a/notes.sql": "" }),
    );
    expect(problems.map(({ message }) => message)).toEqual([
      "these are migrations of mysql",
      "the folder has no migration.sql",
    ]);
  });
});

describe("Drizzle", () => {
  const journal = (...tags: readonly string[]): string =>
    JSON.stringify({ version: "7", dialect: "postgresql", entries: tags.map((tag, idx) => ({ idx, tag, when: 1 })) });

  test("has a journal, and all in one transaction", () => {
    const { name, migrations } = readLayout(
      files({
        "meta/_journal.json": journal("0000_a", "0001_b"),
        "0000_a.sql": "select 1;--> statement-breakpoint\nselect 2;",
        "0001_b.sql": "",
      }),
    );
    expect(name).toBe("drizzle");
    expect(migrations.map(({ id, transaction }) => [id, transaction])).toEqual([
      ["0000_a", true],
      ["0001_b", true],
    ]);
    expect(migrations[0]?.up).toBe("select 1;\nselect 2;");
  });

  test("is refused where journal and files differ, or the journal is none", () => {
    const { problems } = readLayout(files({ "meta/_journal.json": journal("0000_a"), "0009_x.sql": "" }));
    expect(problems.map(({ message }) => message)).toEqual([
      "it names 0000_a.sql, which is not there",
      "the journal does not name it, so Drizzle never runs it",
    ]);
    for (const text of ["", "{", "[]", '{"entries":[{"idx":"1"}]}'])
      expect(readLayout(files({ "meta/_journal.json": text })).problems).toHaveLength(1);
  });
});

describe("Flyway", () => {
  test("orders versions by their parts, and what is repeatable comes last", () => {
    const { name, migrations } = readLayout(
      files({
        "V1.10__c.sql": "",
        "V1.2__b.sql": "create index concurrently i on t (a)",
        "sub/V1__a.sql": "",
        "U1.2__b.sql": "drop index i",
        "R__views.sql": "",
      }),
    );
    expect(name).toBe("flyway");
    expect(migrations.map(({ id, reversible, transaction }) => [id, reversible, transaction])).toEqual([
      ["1", false, true],
      ["1.2", true, false],
      ["1.10", false, true],
      ["R__views", false, true],
    ]);
  });

  test("is refused with two of one version and a way back of nothing", () => {
    const { problems } = readLayout(files({ "V1__a.sql": "", "V1__b.sql": "", "U3__c.sql": "" }));
    expect(problems.map(({ message }) => message)).toEqual([
      "version 1 is taken twice: V1__a.sql, V1__b.sql",
      "it is the way back of a migration that is not there",
    ]);
  });
});

describe("Alembic", () => {
  const revision = (id: string, before: string, down = "op.drop_table('t')"): string =>
    `"""add ${id}\n\nRevision ID: ${id}\n"""\nfrom alembic import op\n\nrevision: str = "${id}"\ndown_revision = ${before}\n\ndef upgrade() -> None:\n    pass\n\ndef downgrade() -> None:\n    ${down}\n`;

  test("follows its revisions, also over merges", () => {
    const { name, migrations, problems } = readLayout(
      files({
        "z.py": revision("a1", "None"),
        "y.py": revision("b2", '"a1"', "pass"),
        "x.py": revision("c3", "'a1'", "raise NotImplementedError()"),
        "w.py": revision("d4", '("b2", "c3")'),
        "helper.py": "print(1)",
      }),
    );
    expect([name, problems]).toEqual(["alembic", []]);
    expect(migrations.map(({ id }) => id)).toEqual(["a1", "c3", "b2", "d4"]);
    expect(migrations.map(({ reversible }) => reversible)).toEqual([true, false, false, true]);
    expect(migrations[0]?.title).toBe("add a1");
  });

  test("is refused with two heads, a gap, or a circle", () => {
    const heads = readLayout(
      files({ "a.py": revision("a", "None"), "b.py": revision("b", '"a"'), "c.py": revision("c", '"a"') }),
    );
    expect(heads.problems[0]).toMatchObject({
      file: "c.py",
      line: expect.any(Number) as number,
      message: "there are 2 heads: b (b.py), c (c.py)",
      hint: 'join them: alembic merge -m "merge" b c',
    });
    expect(readLayout(files({ "a.py": revision("a", '"gone"') })).problems[0]?.message).toBe(
      "it comes after gone, which is not there",
    );
    const circle = readLayout(files({ "a.py": revision("a", '"b"'), "b.py": revision("b", '"a"') }));
    expect(circle.problems.map(({ message }) => message)).toEqual(["the revisions come after each other in a circle"]);
  });

  test("prints SQL that is told apart by revision", () => {
    const printed = `BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> a1

CREATE TABLE t (id BIGINT PRIMARY KEY);

INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING alembic_version.version_num;

-- Running upgrade a1 -> b2, c3

ALTER TABLE t ADD COLUMN note TEXT;

UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'a1';

COMMIT;
`;
    expect([...alembicSql(printed)]).toEqual([
      ["a1", "CREATE TABLE t (id BIGINT PRIMARY KEY);"],
      ["b2", "ALTER TABLE t ADD COLUMN note TEXT;"],
    ]);
  });
});

test("a folder without migrations is told so", () => {
  expect(readLayout(files({ "a.py": "print(1)" })).problems[0]?.message).toBe("there is no migration in this folder");
});

test("versions have an order that does not depend on who is asked first", () => {
  const version = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
  fc.assert(
    fc.property(
      version,
      version,
      (one, other) => compareVersions(one, other) === -compareVersions(other, one) || compareVersions(one, other) === 0,
    ),
  );
});
