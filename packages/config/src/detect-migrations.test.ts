import { expect, onTestFinished, test } from "vitest";
import { detectProject } from "./detect.ts";
import type { DetectedService } from "./detected.ts";
import { loadProject } from "./load.ts";
import { formatProblems } from "./problems.ts";
import { renderConfig } from "./render-config.ts";
import { testRepository } from "./test-repository.ts";

const node = {
  "package.json": '{ "name": "web", "scripts": { "start": "node server.js" } }',
  "server.js": "app.get('/health', ok);\napp.listen(process.env.PORT);\n",
};
const python = { "requirements.txt": "alembic\n", "server.py": "HTTPServer(os.environ['PORT'])\n" };

/** The services that are found in these files; what is written for them must load without problems. */
async function found(files: Readonly<Record<string, string>>): Promise<readonly DetectedService["config"][]> {
  const detected = detectProject(testRepository(files, onTestFinished));
  const written = { ...files, "fairway.yaml": renderConfig(detected, "yaml") };
  const loaded = await loadProject(testRepository(written, onTestFinished));
  expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
  return detected.services.map(({ config }) => config);
}

test.each([
  [
    "plain SQL",
    { "db/migrations/0001_a.sql": "", "db/migrations/0010_b.up.sql": "", "db/migrations/0010_b.down.sql": "" },
    "db/migrations",
    "0010_b",
  ],
  ["SQL in a folder of its own", { "migrations/9_a.sql": "", "migrations/10_b.sql": "" }, "migrations", "10_b"],
  [
    "Prisma",
    {
      "prisma/schema.prisma": 'provider = "postgresql"',
      "prisma/migrations/20260101000000_a/migration.sql": "",
      "prisma/migrations/migration_lock.toml": "",
    },
    "prisma/migrations",
    "20260101000000_a",
  ],
  [
    "Drizzle",
    {
      "drizzle.config.ts": 'export default { out: "./src/db/out", dialect: "postgresql" }',
      "src/db/out/meta/_journal.json": "{}",
      "src/db/out/0000_a.sql": "",
    },
    "src/db/out",
    "0000_a",
  ],
  [
    "Flyway",
    { "flyway.toml": 'locations = ["filesystem:sql/all"]', "sql/all/V1_2__a.sql": "", "sql/all/V1_10__b.sql": "" },
    "sql/all",
    "1.10",
  ],
])("init finds migrations of %s, and takes what is there as the baseline", async (_, files, folder, baseline) => {
  const [config] = await found({ ...node, ...files });
  expect(config).toMatchObject({ database: true, migrations: { folder, baseline } });
});

test("init finds Alembic by its settings, with the Alembic that the service has", async () => {
  const revision = (id: string, before: string): string => `revision = "${id}"\ndown_revision = ${before}\n`;
  const [config] = await found({
    ...python,
    "alembic.ini": "[alembic]\nscript_location = %(here)s/schema\n",
    "schema/env.py": "",
    "schema/versions/a.py": revision("a1", "None"),
    "schema/versions/b.py": revision("b2", '"a1"'),
  });
  expect(config).toMatchObject({
    database: true,
    migrations: {
      folder: "schema/versions",
      baseline: "b2",
      sql: ".venv/bin/python -m alembic upgrade base:head --sql",
    },
  });
});

test("the variable that Prisma looks in becomes a secret, for Fairway gives it no other name", async () => {
  const [config] = await found({
    ...node,
    "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("POSTGRES_URL")\n}\n',
    "prisma/migrations/20260101000000_a/migration.sql": "",
  });
  expect(config).toMatchObject({
    env: { POSTGRES_URL: { secret: "POSTGRES_URL" } },
    migrations: { folder: "prisma/migrations", database: "POSTGRES_URL" },
  });
  expect(config?.database).toBeUndefined();
});

test("migrations beside a lonely service are its own, and those of another database system nobody's", async () => {
  const beside = { "app/package.json": node["package.json"], "app/server.js": node["server.js"] };
  const [config] = await found({ ...beside, "db/migrations/1_a.sql": "" });
  expect(config).toMatchObject({ path: "app", migrations: { folder: "../db/migrations" } });
  const [other] = await found({
    ...node,
    "prisma/schema.prisma": 'provider = "mysql"',
    "prisma/migrations/20260101000000_a/migration.sql": "",
  });
  expect(other?.migrations).toBeUndefined();
});
