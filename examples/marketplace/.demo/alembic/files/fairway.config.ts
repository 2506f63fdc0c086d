// The market with its appraisals in PostgreSQL, whose tables are made by migrations of Alembic. `fairway.base.ts` is the
// configuration of the first commit. pip installs from PyPI.
import { defineProject } from "@fairway/config";
import market from "./fairway.base.ts";

const { inference, ...others } = market.services;

/** Where pip puts what the service needs: into the artifact. */
const packages = { PYTHONPATH: "packages", PYTHONDONTWRITEBYTECODE: "1" };

export default defineProject({
  ...market,
  services: {
    ...others,
    inference: {
      ...inference,
      prepare: [
        "python3 -m pip install --quiet --disable-pip-version-check --target packages --requirement requirements.txt",
      ],
      env: { ...inference?.env, ...packages },
      database: true,
      migrations: {
        folder: "migrations/versions",
        sql: { command: "python3 -m alembic upgrade base:head --sql", env: packages },
      },
    },
  },
});
