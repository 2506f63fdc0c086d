import { defineProject } from "@fairway/config";

/** How our Node services are linted and tested; nothing of it needs the network. */
const nodeChecks = { lint: "node ../../tools/lint.mjs .", test: { command: "node --test", timeout: "2m" } };
const packed = (service: string) => ({
  commands: [`node ../../tools/pack.mjs services/${service}`],
  output: "dist",
  inputs: [`services/${service}`, "shared", "tools"],
});

/** Old replicas leave as new ones come, so that at least half of them answer at any moment. */
const strategy = { rolling: { minimumHealthyPercent: 50, maximumPercent: 200 } };

export default defineProject({
  name: "marketplace",
  services: {
    frontend: {
      path: "frontend",
      dependsOn: ["api-gateway", "websocket"],
      checks: { lint: "node ../tools/lint.mjs .", test: { command: "node --test", timeout: "2m" } },
      build: { commands: ["node build.mjs"], output: "dist", inputs: ["frontend", "shared", "tools"] },
      run: "node frontend/serve.mjs",
      health: { path: "/healthz" },
      replicas: 2,
      strategy,
    },
    "api-gateway": {
      path: "services/api-gateway",
      dependsOn: ["catalog", "inference"],
      checks: nodeChecks,
      build: packed("api-gateway"),
      run: "node services/api-gateway/server.mjs",
      health: { path: "/healthz" },
      stop: { drain: "30s", grace: "10s" },
      replicas: 3,
      strategy,
      env: { LOG_LEVEL: "info" },
    },
    catalog: {
      path: "services/catalog",
      checks: nodeChecks,
      build: {
        commands: ["npm ci --prefer-offline --no-audit --no-fund", "node ../../tools/pack.mjs services/catalog"],
        output: "dist",
        inputs: ["services/catalog", "shared", "tools"],
      },
      run: "node services/catalog/server.mjs",
      health: { path: "/healthz" },
      replicas: 2,
      strategy,
      database: true,
      // Run before the new release has traffic, and once each: services/catalog/migrations.
      migrations: "migrations",
    },
    websocket: {
      path: "services/websocket",
      dependsOn: ["catalog"],
      checks: nodeChecks,
      build: packed("websocket"),
      run: "node services/websocket/server.mjs",
      health: { path: "/healthz" },
      stop: { drain: "10s", grace: "10s" },
      replicas: 2,
      strategy,
    },
    inference: {
      path: "services/inference",
      requires: ["python3"],
      checks: { test: { command: "python3 -m unittest", timeout: "2m", env: { PYTHONDONTWRITEBYTECODE: "1" } } },
      build: { inputs: ["services/inference"] },
      run: "python3 server.py",
      health: { path: "/healthz" },
      // The longest appraisal takes a minute, and a release never cuts one short.
      stop: { drain: "30s", grace: "90s" },
      replicas: 2,
      strategy,
      env: { PYTHONDONTWRITEBYTECODE: "1" },
    },
    contracts: {
      path: "contracts",
      // Not those in market/, which want the tools of their own: see its README.
      checks: { lint: "node check.mjs src", test: "node --test test/check.mjs" },
      build: { commands: ["node build.mjs"], output: "dist", inputs: ["contracts"] },
    },
  },
  // An environment of its own for a branch or a pull request: fairway preview open <branch>.
  previews: { front: "frontend" },
  environments: {
    staging: {
      deploys: "automatically",
      url: "http://shop.staging.localhost:8080",
      // Asked of the services themselves after each deployment: which commit every replica is, and what the market says.
      verify: {
        commit: { smoke: { path: "/api/version", field: "sha", services: ["api-gateway"] } },
        market: { collection: "tests/market.postman_collection.json" },
      },
      services: {
        frontend: { replicas: 1, routes: [{ host: "shop.staging.localhost" }] },
        "api-gateway": { replicas: 1, routes: [{ host: "shop.staging.localhost", path: "/api" }] },
        websocket: { replicas: 1, routes: [{ host: "shop.staging.localhost", path: "/live" }] },
        catalog: { replicas: 1, routes: [] },
        inference: { replicas: 1, routes: [] },
      },
    },
    production: {
      promotesFrom: "staging",
      approvals: 1,
      url: "http://shop.localhost:8080",
      // Made every hour and after each deployment: fairway checks synthetics.
      synthetics: {
        shopping: { journey: "tests/shopping.journey.yaml" },
        // It needs Chromium; where that is absent it has no data, and says so.
        page: { journey: "tests/page.journey.mjs" },
      },
      services: {
        frontend: { routes: [{ host: "shop.localhost" }] },
        "api-gateway": { routes: [{ host: "shop.localhost", path: "/api" }] },
        websocket: { routes: [{ host: "shop.localhost", path: "/live" }] },
        // Only the other services call these.
        catalog: { routes: [] },
        inference: { routes: [] },
      },
    },
  },
});
