// Starts one PostgreSQL for a whole test run; tests take databases of their own from it with freshDatabase().
import type { TestProject } from "vitest/node";
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
  return () => server.stop();
}
