// The API of blockbuilders on this machine with a database of its own, whose migrations Alembic writes and Fairway runs.
import { defineProject } from "@fairway/config";

/** Where pip puts the API and what it needs: the artifact, so that what is tested is what runs. */
const packages = { PYTHONPATH: "dist", PYTHONDONTWRITEBYTECODE: "1" };

export default defineProject({
  name: "blockbuilders",
  services: {
    api: {
      path: "apps/api",
      requires: ["python3"],
      prepare: ["python3 -m pip install --quiet --disable-pip-version-check --target dist ."],
      build: { output: "dist" },
      run: "python3 -m blockbuilders_api",
      health: { path: "/healthz" },
      replicas: 2,
      database: true,
      migrations: {
        folder: "migrations/versions",
        // Alembic prints the SQL of every revision; Fairway reads, tries and runs that.
        sql: { command: "python3 -m alembic upgrade base:head --sql", env: packages },
      },
    },
  },
  environments: {
    staging: {
      deploys: "automatically",
      verify: { api: { collection: "tests/api.postman_collection.json" } },
      synthetics: { backtest: { journey: "tests/backtest.journey.yaml" } },
      services: { api: { routes: [{ host: "api.blocks.staging.localhost" }] } },
    },
    production: {
      promotesFrom: "staging",
      approvals: 1,
      services: { api: { routes: [{ host: "api.blocks.localhost" }] } },
    },
  },
});
