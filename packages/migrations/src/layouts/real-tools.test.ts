import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { MigrationSet } from "@fairway/core";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../../../tools/skips.ts";
import { applyMigration } from "../database/apply-migration.ts";
import { withSession } from "../database/session.ts";
import type { TestDatabase } from "../database/testing/database-for-tests.ts";
import { databaseForTests } from "../database/testing/database-for-tests.ts";
import { readMigrationSet } from "../planning/read-migration-set.ts";
import { loadSqlParser } from "../reading/read-sql.ts";
import { readMigrationFolder } from "./read-folder.ts";

const run = promisify(execFile);
const tool = (name: string): string =>
  fileURLToPath(new URL(`../../../../.cache/migration-tools/bin/${name}`, import.meta.url));

let place: string;
let database: TestDatabase;

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await writeFile(join(place, name), text);
  }
}

/** What the tool prints, asked in the project's folder. */
async function ask(name: string, ...words: readonly string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: database.url };
  const { stdout } = await run(tool(name), words, { cwd: place, env });
  return stdout;
}

async function applyAll({ migrations }: MigrationSet): Promise<void> {
  await withSession(database.url, { lock: 5_000, statement: 0 }, async (client) => {
    for (const one of migrations)
      expect(await applyMigration(client, one, { by: "test", fence: 1 }, () => undefined)).toMatchObject({
        outcome: "applied",
      });
  });
}

describe.skipIf(!needs("migration-tools"))("tools as users have them", () => {
  beforeAll(loadSqlParser);
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), "fairway-tools-"));
    database = await databaseForTests();
  });
  afterEach(async () => {
    await database.drop();
    await rm(place, { recursive: true, force: true });
  });

  const revision = (id: string, after: string, up: string): string =>
    `"""${id}"""\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = "${id}"\ndown_revision = ${after}\n\n\ndef upgrade():\n${up}\n\n\ndef downgrade():\n    pass\n`;

  test("what Alembic prints is read, classed and applied, and Alembic then finds nothing to do", async () => {
    await write({
      "alembic.ini": "[alembic]\nscript_location = %(here)s/schema\n",
      "schema/env.py": `import os
from alembic import context
from sqlalchemy import create_engine

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
`,
      "schema/versions/a.py": revision(
        "a1",
        "None",
        '    op.create_table("orders", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("note", sa.Text))',
      ),
      "schema/versions/b.py": revision("b2", '"a1"', '    op.add_column("orders", sa.Column("total", sa.BigInteger))'),
      "schema/versions/c.py": revision(
        "c3",
        '"a1"',
        '    with op.get_context().autocommit_block():\n        op.create_index("orders_note", "orders", ["note"], postgresql_concurrently=True)',
      ),
      "schema/versions/d.py": revision("d4", '("b2", "c3")', "    pass"),
    });
    const folder = "schema/versions";
    const read = readMigrationSet({
      folder,
      files: await readMigrationFolder(join(place, folder)),
      tool: null,
      printed: await ask("alembic", "upgrade", "base:head", "--sql"),
      known: new Map(),
    });
    expect(read.problems).toEqual([]);
    expect(read.set?.migrations.map(({ id, class: of, transaction }) => [id, of, transaction])).toEqual([
      ["a1", "expand", true],
      ["b2", "expand", true],
      ["c3", "expand", false],
      ["d4", "expand", true],
    ]);
    await applyAll(read.set as MigrationSet);
    expect(await ask("alembic", "current")).toContain("d4 (head)");
  });

  test("what Prisma writes next is judged as it would be written", async () => {
    const schema = (more: string): string =>
      `datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\nmodel Order {\n  id BigInt @id @default(autoincrement())\n  note String?\n${more}}\n`;
    const between = (...words: readonly string[]): Promise<string> =>
      ask("prisma", "migrate", "diff", ...words, "--script");
    await write({ "now.prisma": schema(""), "next.prisma": schema("  total Int\n  @@index([note])\n") });
    await write({
      "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
      "prisma/migrations/20260101000000_orders/migration.sql": await between(
        "--from-empty",
        "--to-schema-datamodel",
        "now.prisma",
      ),
    });
    const folder = "prisma/migrations";
    const reading = async (): Promise<ReturnType<typeof readMigrationSet>> => {
      const files = await readMigrationFolder(join(place, folder));
      return readMigrationSet({ folder, files, tool: null, printed: null, known: new Map() });
    };
    const first = await reading();
    expect(first).toMatchObject({ problems: [], set: { tool: "prisma", migrations: [{ class: "expand" }] } });
    await applyAll(first.set as MigrationSet);
    expect(await database.run('select migration_name from "_prisma_migrations"')).toEqual([
      { migration_name: "20260101000000_orders" },
    ]);
    await write({
      "prisma/migrations/20260102000000_total/migration.sql": await between(
        "--from-schema-datamodel",
        "now.prisma",
        "--to-schema-datamodel",
        "next.prisma",
      ),
    });
    const said = (await reading()).problems.map(({ message }) => message).join("\n");
    expect(said).toContain("(add-required-column)");
    expect(said).toContain("(index-not-concurrent)");
  });
});
