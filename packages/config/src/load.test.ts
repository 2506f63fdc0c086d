import { stringify } from "yaml";
import { expect, onTestFinished, test } from "vitest";
import { explain, formatExplanation } from "./explain.ts";
import { type LoadedProject, loadProject } from "./load.ts";
import { formatProblems } from "./problems.ts";
import type { ProjectConfig } from "./project-config.ts";
import { testRepository } from "./test-repository.ts";

const shop: ProjectConfig = {
  name: "shop",
  services: {
    web: { path: "web", dependsOn: ["catalog"], run: "node web.mjs", replicas: 3, env: { LEVEL: "info", MODE: "own" } },
    catalog: {
      path: "./catalog/",
      requires: ["node"],
      prepare: ["npm ci"],
      checks: { test: { command: "node --test", timeout: "2m" }, lint: ["node", "lint.mjs"] },
      build: { commands: ["node build.mjs"], output: "dist", inputs: ["catalog", "shared"] },
      run: ["node", "catalog.mjs"],
      health: { path: "/up", startWithin: "1m" },
      stop: { drain: 500 },
      strategy: { rolling: { minimumHealthyPercent: 50 } },
      database: true,
    },
    library: { path: "library", checks: { test: "node --test" } },
  },
  environments: {
    staging: {
      inherits: "production",
      variables: { MODE: "staging", KEY: { secret: "STAGING_KEY" } },
      services: { web: { replicas: 1, routes: [{ host: "staging.example", path: "/" }] } },
    },
    production: {
      approvals: 1,
      verify: { smoke: "node smoke.mjs" },
      variables: { KEY: { secret: "KEY" } },
      services: { web: { env: { LEVEL: "warn" } }, catalog: { replicas: 2, routes: [] } },
    },
  },
};

const folders = { "web/": "", "catalog/": "", "library/": "" };

async function load(files: Readonly<Record<string, string>>): Promise<LoadedProject> {
  const loaded = await loadProject(testRepository({ ...folders, ...files }, onTestFinished));
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded;
}

test("YAML, JSON and TypeScript give the same project", async () => {
  const yaml = await load({ "fairway.yaml": stringify(shop) });
  const json = await load({ "fairway.json": JSON.stringify(shop) });
  const program = await load({
    "fairway.config.ts": `import { defineProject } from "@fairway/config";\nexport default defineProject(${JSON.stringify(shop)});`,
  });
  expect(json.project).toEqual(yaml.project);
  expect(program.project).toEqual(yaml.project);
});

test("defaults are filled in and services are in dependency order", async () => {
  const { project } = await load({ "fairway.yaml": stringify(shop) });
  expect(project.services.map(({ name }) => name)).toEqual(["catalog", "web", "library"]);
  expect(project.services[0]).toEqual({
    name: "catalog",
    path: "catalog",
    dependsOn: [],
    requires: ["node"],
    prepare: [{ argv: ["npm", "ci"], directory: ".", timeout: 1_200_000, env: {} }],
    checks: [
      { name: "test", argv: ["node", "--test"], directory: ".", timeout: 120_000, env: {} },
      { name: "lint", argv: ["node", "lint.mjs"], directory: ".", timeout: 600_000, env: {} },
    ],
    build: {
      commands: [{ argv: ["node", "build.mjs"], directory: ".", timeout: 1_200_000, env: {} }],
      output: "dist",
      inputs: ["catalog", "shared"],
    },
    run: ["node", "catalog.mjs"],
    health: { path: "/up", interval: 1000, timeout: 2000, startWithin: 60_000 },
    stop: { drain: 500, grace: 30_000 },
    database: true,
    env: {},
    replicas: 1,
    strategy: { name: "rolling", minimumHealthyPercent: 50, maximumPercent: 200 },
  });
  expect(project.environments).toMatchObject([
    { name: "staging", deploys: "automatically", promotesFrom: null, approvals: 0, deadline: 1_800_000, url: null },
    { name: "production", deploys: "on-request", promotesFrom: "staging", approvals: 1, purpose: null },
  ]);
});

test("an environment lays its own values over the inherited ones, and both over the service's", async () => {
  const { project } = await load({ "fairway.yaml": stringify(shop) });
  const rolling = { name: "rolling", minimumHealthyPercent: 100, maximumPercent: 200 };
  const [staging, production] = project.environments;
  expect(staging?.variables).toEqual({ MODE: "staging", KEY: { secret: "STAGING_KEY" } });
  expect(staging?.placements).toEqual([
    {
      service: "catalog",
      replicas: 2,
      strategy: { ...rolling, minimumHealthyPercent: 50 },
      env: { MODE: "staging", KEY: { secret: "STAGING_KEY" } },
      routes: [],
    },
    {
      service: "web",
      replicas: 1,
      strategy: rolling,
      env: { LEVEL: "warn", MODE: "staging", KEY: { secret: "STAGING_KEY" } },
      routes: [{ host: "staging.example", path: "/" }],
    },
  ]);
  expect(production?.placements[1]).toEqual({
    service: "web",
    replicas: 3,
    strategy: rolling,
    env: { LEVEL: "warn", MODE: "own", KEY: { secret: "KEY" } },
    routes: [{ host: "web.production.localhost", path: "/" }],
  });
});

test("environments are in the order of promotion, and null promotes from nowhere", async () => {
  const { project } = await load({
    "fairway.yaml":
      "name: a\nservices: { api: { run: x } }\nenvironments: { production: { promotesFrom: staging }, staging: { promotesFrom: null } }\n",
  });
  expect(project.environments.map(({ name, promotesFrom, deploys }) => [name, promotesFrom, deploys])).toEqual([
    ["staging", null, "on-request"],
    ["production", "staging", "automatically"],
  ]);
});

test("explain says where each value came from", async () => {
  const loaded = await load({
    "fairway.yaml": `name: a
services:
  api: { run: node x, env: { LEVEL: info } }
environments:
  staging: { inherits: production }
  production: { deadline: 5m, services: { api: { replicas: 2 } } }
`,
  });
  const lines = (key: string): readonly string[] => {
    const explanation = explain(loaded, key);
    return explanation.known ? explanation.settings.map(formatExplanation) : [explanation.message, explanation.fix];
  };
  expect(lines("environments.production.services.api.replicas")).toEqual([
    "environments.production.services.api.replicas = 2   fairway.yaml:6:60",
  ]);
  expect(lines("environments.staging.services.api.replicas")).toEqual([
    "environments.staging.services.api.replicas = 2   fairway.yaml:6:60, inherited from production",
  ]);
  expect(lines("environments.production.services.api.env")).toEqual([
    'environments.production.services.api.env.LEVEL = "info"   fairway.yaml:3:37, from services.api.env.LEVEL',
  ]);
  expect(lines("environments.production.deadline")).toEqual([
    "environments.production.deadline = 5m   fairway.yaml:6:27",
  ]);
  expect(lines("services.api.stop")).toEqual([
    "services.api.stop.drain = 30s   default",
    "services.api.stop.grace = 30s   default",
  ]);
  expect(lines("services.api.replcas")).toEqual([
    'there is no "services.api.replcas" in fairway.yaml',
    'did you mean "services.api.replicas"?',
  ]);
});
