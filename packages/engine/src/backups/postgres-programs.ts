import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { Binaries } from "../database/binaries.ts";

/** Where Debian and what comes of it have the programs of each major version. */
const versions = "/usr/lib/postgresql";

const needed = ["pg_dump", "pg_restore", "initdb", "postgres"];

/**
 * The system's programs of PostgreSQL that can dump and load a database of this version: its own, or the oldest of the newer
 * ones. Throws `command_failed` where there are none.
 */
export function postgresPrograms(serverVersion: string): Binaries {
  const major = Number.parseInt(serverVersion, 10);
  const [found] = (existsSync(versions) ? readdirSync(versions) : [])
    .map(Number)
    .filter((one) => one >= major && needed.every((name) => existsSync(join(versions, String(one), "bin", name))))
    .toSorted((one, other) => one - other);
  if (found === undefined)
    throw new FairwayError(
      "command_failed",
      `the programs of PostgreSQL ${major} or a newer one are not in ${versions}`,
      {
        hint: `install the package postgresql-${major}`,
      },
    );
  return { version: String(found), major: found, directory: join(versions, String(found)) };
}
