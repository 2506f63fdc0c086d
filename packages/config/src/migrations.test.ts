import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { loadProject } from "./load.ts";
import { formatProblem } from "./problems.ts";
import { testRepository } from "./test-repository.ts";

const load = (migrations: string, more = "database: true"): ReturnType<typeof loadProject> =>
  loadProject(
    testRepository(
      {
        "fairway.yaml": `name: a\nservices:\n  api: { path: api, run: node a.mjs, ${more}, migrations: ${migrations} }\nenvironments:\n  live: {}\n`,
        "api/migrations/0001_orders.sql": "create table orders ();\n",
        "db/0001_orders.sql": "create table orders ();\n",
      },
      onTestFinished,
    ),
  );
const problemsOf = async (migrations: string, more?: string): Promise<string> => {
  const loaded = await load(migrations, more);
  return loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n");
};

test("a folder alone gets every default, and each of them is explained", async () => {
  const loaded = await load("migrations");
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.project.services[0]?.migrations).toEqual({
    folder: "api/migrations",
    tool: null,
    sql: null,
    database: { variable: "DATABASE_URL" },
    shadow: "own",
    lockTimeout: 5_000,
    statementTimeout: 1_800_000,
    bake: 0,
    backup: null,
  });
  const explanation = explain(loaded, "services.api.migrations");
  expect(explanation.known && explanation.settings.map(formatExplanation)).toEqual([
    'services.api.migrations.folder = "api/migrations"   fairway.yaml:3:66',
    "services.api.migrations.tool = null   default",
    "services.api.migrations.sql = null   default",
    'services.api.migrations.database = {"variable":"DATABASE_URL"}   default',
    'services.api.migrations.shadow = "own"   default',
    "services.api.migrations.lockTimeout = 5s   default",
    "services.api.migrations.statementTimeout = 30m   default",
    "services.api.migrations.bake = 0ms   default",
    "services.api.migrations.backup = null   default",
  ]);
});

test("what is written counts, and the folder may lie beside the service", async () => {
  const loaded = await load(
    "{ folder: ../db, tool: sql, baseline: 0001_orders, database: { secret: MIGRATOR_URL }, lockTimeout: 2s, bake: 10m, backup: pg_dump }",
    "stop: {}",
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  expect(loaded.project.services[0]?.migrations).toMatchObject({
    folder: "db",
    tool: "sql",
    baseline: "0001_orders",
    database: { secret: "MIGRATOR_URL" },
    lockTimeout: 2_000,
    bake: 600_000,
    backup: { argv: ["pg_dump"], directory: ".", timeout: 1_200_000 },
  });
});

test.each([
  ["false", "none"],
  ["{ secret: SHADOW_URL }", { secret: "SHADOW_URL" }],
])("they are tried where %s says", async (written, resolved) => {
  const loaded = await load(`{ folder: migrations, shadow: ${written} }`);
  expect(loaded.ok && loaded.project.services[0]?.migrations?.shadow).toEqual(resolved);
});

test("a service without migrations is as it was before there were any", async () => {
  const loaded = await loadProject(
    testRepository({ "fairway.yaml": "name: a\nservices:\n  api: { run: node a.mjs }\n" }, onTestFinished),
  );
  expect(loaded.ok && "migrations" in (loaded.project.services[0] ?? {})).toBe(false);
});

test.each([
  ["absent", undefined, /leads to no folder: "api\/absent"/],
  ["../../outside", undefined, /leaves the repository/],
  ["migrations", "stop: {}", /api has no DATABASE_URL in live, so nobody knows/],
  ["{ folder: migrations, database: SHOP_URL }", undefined, /api has no SHOP_URL in live/],
  ["{ folder: migrations, tool: knex }", undefined, /tool must be one of sql, prisma/],
  ["{ folder: migrations, lockTimeout: 0 }", undefined, /lockTimeout must be at least/],
  ["{ folder: migrations, sql: 'alembic | cat' }", undefined, /"\|"/],
])("%s is refused with its place", async (migrations, more, problem) => {
  const found = await problemsOf(migrations, more);
  expect(found).toMatch(problem);
  expect(found).toMatch(/fairway\.yaml:3:/);
});

test("a service that nothing deploys has nobody to run its migrations", async () => {
  const loaded = await loadProject(
    testRepository(
      {
        "fairway.yaml": "name: a\nservices:\n  db: { migrations: sql }\nenvironments: { live: {} }\n",
        "sql/0001_a.sql": "select 1;\n",
      },
      onTestFinished,
    ),
  );
  expect(!loaded.ok && loaded.problems.map(formatProblem).join("\n")).toMatch(/db is not deployed/);
});
