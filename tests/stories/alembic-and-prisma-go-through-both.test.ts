import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/skips.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files } from "./support/git-project.ts";
import { configFile } from "./support/git-project.ts";
import { fetchFrom } from "./support/requests.ts";
import { tinyConfig } from "./support/tiny-service.ts";
import { assertEnded, stateOf } from "./support/watch-run.ts";

const tools = join(import.meta.dirname, "../../.cache/migration-tools/bin");
const run = promisify(execFile);

/**
 * Tells which columns the orders of its database have, and where that database is, so that the story can ask the tools of it.
 */
const service = `import { createServer } from "node:http";
import { createRequire } from "node:module";
const { Client } = createRequire(${JSON.stringify(import.meta.url)})("pg");
const { PORT, HOST, DATABASE_URL } = process.env;
const columns = "select attname as name from pg_attribute where attrelid = 'orders'::regclass and attnum > 0 order by attnum";
createServer(async (request, response) => {
  if (request.url === "/healthz") return void response.end("well");
  const client = new Client({ connectionString: DATABASE_URL });
  await client.connect();
  const { rows } = await client.query(columns);
  await client.end();
  response.end(JSON.stringify({ columns: rows.map(({ name }) => name), database: DATABASE_URL }));
}).listen(Number(PORT), HOST);
process.on("SIGTERM", () => process.exit(0));
`;

const settings = `import os
from alembic import context
from sqlalchemy import create_engine

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
    with create_engine(url).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
`;
const revision = (id: string, after: string, up: string): string => `"""${id}"""
from alembic import op
import sqlalchemy as sa

revision = "${id}"
down_revision = ${after}


def upgrade():
    ${up}


def downgrade():
    pass
`;

const ofPrisma = [
  'CREATE TABLE "orders" ("id" BIGINT PRIMARY KEY);\n',
  'ALTER TABLE "orders" ADD COLUMN "total" BIGINT;\n',
] as const;

/** A Python service's migrations and a Node service's: of the first commit, or of the next one too. */
const product = (has: "first" | "both"): Files => ({
  "api/server.mjs": service,
  "api/alembic.ini": "[alembic]\nscript_location = %(here)s/schema\n",
  "api/schema/env.py": settings,
  "api/schema/versions/a1.py": revision(
    "a1",
    "None",
    'op.create_table("orders", sa.Column("id", sa.BigInteger, primary_key=True))',
  ),
  "shop/server.mjs": service,
  "shop/prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
  "shop/prisma/migrations/20260101000000_orders/migration.sql": ofPrisma[0],
  ...(has === "first"
    ? {}
    : {
        "api/schema/versions/b2.py": revision("b2", '"a1"', 'op.add_column("orders", sa.Column("note", sa.Text))'),
        "shop/prisma/migrations/20260102000000_total/migration.sql": ofPrisma[1],
      }),
  ...configFile({
    name: "story",
    services: {
      api: tinyConfig({ path: "api", database: true, migrations: "schema/versions" }),
      shop: tinyConfig({ path: "shop", database: true, migrations: "prisma/migrations" }),
    },
    environments: {
      staging: { deploys: "automatically" },
      production: { promotesFrom: "staging" },
    },
  }),
});

describe.skipIf(!needs("migration-tools"))("migrations of Alembic and of Prisma", () => {
  const path = process.env["PATH"] ?? "";
  let fairway: Fairway;
  beforeAll(async () => {
    process.env["PATH"] = [tools, path].join(delimiter);
    fairway = await openFairway(product("first"));
    assertEnded(await fairway.release(), "succeeded");
    assertEnded(await fairway.promote(), "succeeded");
  });
  afterAll(async () => {
    process.env["PATH"] = path;
    await fairway?.end();
  });

  interface Seen {
    readonly columns: readonly string[];
    readonly database: string;
  }
  const seen = async (host: string): Promise<Seen> => JSON.parse((await fetchFrom(fairway, host)).body) as Seen;
  const columns = async (environment: string): Promise<readonly (readonly string[])[]> => [
    (await seen(`api.${environment}.localhost`)).columns,
    (await seen(`shop.${environment}.localhost`)).columns,
  ];

  /** What Prisma compares with its files before it does anything: the sums of those that were applied to the end. */
  async function sumsOf(database: string): Promise<readonly string[]> {
    const client = new Client({ connectionString: database });
    await client.connect();
    try {
      const applied = 'select checksum from "_prisma_migrations" where finished_at is not null order by migration_name';
      return (await client.query<{ readonly checksum: string }>(applied)).rows.map(({ checksum }) => checksum);
    } finally {
      await client.end();
    }
  }

  test("come to staging, then to production, and there each tool's own record has them", async () => {
    const staged = await fairway.ship("Keep notes and totals", product("both"));
    assertEnded(staged, "succeeded");
    const done = ["migrate:api", "migrate:shop"];
    expect(done.map((job) => stateOf(staged, job))).toEqual(["succeeded", "succeeded"]);
    expect(await columns("staging")).toEqual([
      ["id", "note"],
      ["id", "total"],
    ]);
    expect(await columns("production")).toEqual([["id"], ["id"]]);

    const promoted = await fairway.promote();
    assertEnded(promoted, "succeeded");
    expect(done.map((job) => stateOf(promoted, job))).toEqual(["succeeded", "succeeded"]);
    expect(await columns("production")).toEqual([
      ["id", "note"],
      ["id", "total"],
    ]);
    for (const environment of ["staging", "production"]) {
      const { database } = await seen(`api.${environment}.localhost`);
      const env = { ...process.env, DATABASE_URL: database };
      const cwd = join(fairway.project.path, "api");
      expect((await run("alembic", ["current"], { cwd, env })).stdout).toContain("b2 (head)");
      expect(await sumsOf((await seen(`shop.${environment}.localhost`)).database)).toEqual(
        ofPrisma.map((sql) => createHash("sha256").update(sql).digest("hex")),
      );
    }
  });
});
