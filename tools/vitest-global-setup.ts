// Starts one PostgreSQL for a whole test run; tests take databases of their own from it with freshDatabase().
import type { TestProject } from "vitest/node";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleGithub } from "./bundle-github.mjs";
import { sharedTestServer, testServerVariable } from "../packages/engine/src/database/test-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The connection string of the run's PostgreSQL. */
    readonly testDatabase: string;
  }
}

/** Runs before the first test file; what it returns runs after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await bundleGithub(join(import.meta.dirname, ".."));
  const server = await sharedTestServer();
  // For freshDatabase, which knows nothing of vitest: workers inherit the environment.
  process.env[testServerVariable] = server.connectionString;
  project.provide("testDatabase", server.connectionString);
  // Keys and heads of the audit that daemons keep beside a person's configuration.
  const config = await mkdtemp(join(tmpdir(), "fairway-test-config-"));
  process.env["XDG_CONFIG_HOME"] = config;
  return async () => {
    await server.stop();
    await rm(config, { recursive: true, force: true });
  };
}
