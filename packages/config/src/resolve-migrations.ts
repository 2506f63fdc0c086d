import { posix } from "node:path";
import type { Command, MigrationTool, Millis, ServiceMigrations } from "@fairway/core";
import { millisOf } from "./duration.ts";
import type { Ledger } from "./ledger.ts";
import type { Path } from "./path.ts";
import type { Migrations, ServiceConfig, TimedCommand } from "./project-config.ts";

const standard = { lockTimeout: 5_000, statementTimeout: 30 * 60_000, bake: 0 } as const;

/** Nothing where there are none, so that such a service is the same as before there were migrations. */
export function resolveMigrations(
  at: Path,
  { path = ".", migrations: written }: Pick<ServiceConfig, "path" | "migrations">,
  ledger: Ledger,
  resolveCommand: (at: Path, written: TimedCommand) => Command,
): { readonly migrations?: ServiceMigrations } {
  if (written === undefined) return {};
  const given: Exclude<Migrations, string> = typeof written === "string" ? { folder: written } : written;
  const span = (key: keyof typeof standard): Millis =>
    ledger.own([...at, key], given[key] === undefined ? undefined : millisOf(given[key]), standard[key]);
  const command = (key: "sql" | "backup"): Command | null => {
    const asked = given[key];
    return asked === undefined ? ledger.own<null>([...at, key], undefined, null) : resolveCommand([...at, key], asked);
  };
  const folder = posix.join(path, given.folder).replace(/(?<=.)\/$/u, "");
  const database = given.database ?? "DATABASE_URL";
  return {
    migrations: {
      folder: ledger.own([...at, "folder"], folder, folder, typeof written === "string" ? at : [...at, "folder"]),
      tool: ledger.own<MigrationTool | null>([...at, "tool"], given.tool, null),
      sql: command("sql"),
      ...(given.baseline === undefined
        ? {}
        : { baseline: ledger.own([...at, "baseline"], given.baseline, given.baseline) }),
      database: ledger.own(
        [...at, "database"],
        given.database === undefined ? undefined : databaseOf(database),
        databaseOf(database),
      ),
      shadow: ledger.own<NonNullable<ServiceMigrations["shadow"]>>(
        [...at, "shadow"],
        given.shadow === false ? "none" : given.shadow,
        "own",
      ),
      lockTimeout: span("lockTimeout"),
      statementTimeout: span("statementTimeout"),
      bake: span("bake"),
      backup: command("backup"),
    },
  };
}

const databaseOf = (written: string | { readonly secret: string }): ServiceMigrations["database"] =>
  typeof written === "string" ? { variable: written } : written;
