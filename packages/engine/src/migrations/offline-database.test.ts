import { expect, test } from "vitest";
import { withOfflineDatabase } from "./offline-database.ts";

const command = { argv: ["alembic", "upgrade", "base:head", "--sql"], directory: ".", timeout: 1, env: {} } as const;

test("what prints SQL finds a connection string where it looks for one, and what it was given counts", () => {
  const { env } = withOfflineDatabase(command, { database: { variable: "ORDERS_URL" } });
  expect(env).toEqual({ ORDERS_URL: expect.stringMatching(/^postgresql:\/\//u) as string });
  expect(withOfflineDatabase(command, { database: { secret: "MIGRATOR" } }).env).toHaveProperty("DATABASE_URL");
  const own = { ...command, env: { DATABASE_URL: "mysql://" } };
  expect(withOfflineDatabase(own, { database: { variable: "DATABASE_URL" } }).env).toEqual({
    DATABASE_URL: "mysql://",
  });
});
