// Blockbuilders on one machine: the page and the API in images of their Dockerfiles, behind Fairway's own router.
import { defineProject } from "@fairway/config";

/** What the images begin with; null for what their Dockerfiles say, which is taken from Docker Hub. */
const base: string | null = null;

const args = base === null ? {} : { args: { BASE: base } };

export default defineProject({
  name: "blockbuilders",
  services: {
    api: {
      path: "apps/api",
      container: { ...args, port: 8000 },
      // Everything that was queued is gone with a replica, so there is one, and it ends before the next begins.
      strategy: "recreate",
    },
    web: {
      path: "apps/web",
      container: { ...args, context: "../..", dockerfile: "apps/web/Dockerfile", port: 3000 },
      build: { inputs: ["apps/web", "packages", "pnpm-lock.yaml", "package.json", "turbo.json", "tsconfig.base.json"] },
      health: { path: "/" },
      replicas: 2,
    },
  },
  environments: {
    staging: {
      deploys: "automatically",
      // Asked after each deployment; journeys are made every hour too. That in a browser needs Chromium, and has no data
      // without.
      verify: { api: { collection: "tests/api.postman_collection.json" } },
      synthetics: {
        backtest: { journey: "tests/backtest.journey.yaml" },
        page: { journey: "tests/page.journey.mjs" },
      },
      services: {
        api: { routes: [{ host: "api.blocks.staging.localhost" }] },
        web: { routes: [{ host: "blocks.staging.localhost" }] },
      },
    },
  },
});
