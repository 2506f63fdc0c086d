import { expect, test } from "vitest";
import { clientVariables } from "./client-variables.ts";

test("PostgreSQL's own programs find the same database as who reads the connection string", () => {
  expect(clientVariables("postgres://ada:p%40ss@db.example:5433/shop?sslmode=require")).toEqual({
    PGHOST: "db.example",
    PGPORT: "5433",
    PGUSER: "ada",
    PGPASSWORD: "p@ss",
    PGDATABASE: "shop",
    PGSSLMODE: "require",
  });
  expect(clientVariables("postgresql://web@localhost:5432/web?host=%2Frun%2Fsockets")).toEqual({
    PGHOST: "/run/sockets",
    PGPORT: "5432",
    PGUSER: "web",
    PGDATABASE: "web",
  });
  expect(clientVariables("postgres://[::1]/shop")).toEqual({ PGHOST: "::1", PGDATABASE: "shop" });
  expect(clientVariables("nothing of that kind")).toEqual({});
});
