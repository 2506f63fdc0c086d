import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { plainService } from "@fairway/conformance";
import type { DatabaseState, Release, ReleaseId } from "@fairway/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FreshDatabase } from "../database/test-database.ts";
import { freshDatabase } from "../database/test-database.ts";
import { migrationReader } from "./migration-reader.ts";

let users: FreshDatabase;
beforeAll(async () => {
  users = await freshDatabase();
});
afterAll(() => users.drop());

const web = plainService("web", {
  database: true,
  migrations: {
    folder: "db",
    tool: null,
    sql: null,
    database: { variable: "DATABASE_URL" },
    lockTimeout: 1,
    statementTimeout: 1,
    bake: 0,
    backup: null,
  },
});
const release: Release = {
  id: "r1" as ReleaseId,
  digest: "sha256:1",
  revision: { sha: "0", short: "0", subject: "", author: "", committedAt: "", ref: null },
  project: { name: "shop", services: [web], environments: [] },
  parts: [],
  leftOut: [],
  createdAt: "",
};

const stateAt = (url: string): Promise<DatabaseState> =>
  migrationReader({
    secrets: { lookUp: async () => ({}) },
    places: { databaseUrl: async () => url },
    documentOf: async () => "",
  }).stateOf(release, "staging", "web", null);

test("a server that is not there is silent, and one that says no is not", async () => {
  expect(await stateAt(users.connectionString)).toEqual({ recorded: [] });

  const other = new URL(users.connectionString);
  other.pathname = "/no_such_database";
  const refused = await stateAt(other.href);
  expect(refused).toMatchObject({ unreachable: expect.stringContaining("no_such_database") as string });
  expect(refused).not.toHaveProperty("silent");

  expect(await stateAt("postgresql://web@/web?host=/nowhere")).toMatchObject({ silent: true });
  // Whoever listens there says nothing.
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    expect(await stateAt(`postgresql://web@127.0.0.1:${port}/web`)).toMatchObject({ silent: true });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
