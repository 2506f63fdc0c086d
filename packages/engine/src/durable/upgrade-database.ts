import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packagedBinaries } from "../database/binaries.ts";
import type { EmbeddedPostgres } from "../database/embedded-postgres.ts";
import { openEmbeddedPostgres } from "../database/embedded-postgres.ts";
import type { Upgraded } from "../database/upgrade.ts";
import { upgradeEmbeddedPostgres } from "../database/upgrade.ts";
import { migrate } from "../store/migrate.ts";
import { openStore } from "../store/store.ts";
import { openDbos } from "./dbos-executions.ts";

/**
 * Takes the embedded database to the major version that is installed, with everything in it; null when it is there
 * already or there is none yet. The old one is kept beside. Throws `database_unusable` when it holds what cannot be
 * taken along, such as a service's own database; it opens with its old version then, as before.
 */
export async function upgradeIfBehind(directory: string): Promise<Upgraded | null> {
  const major = await majorOf(directory);
  const packaged = packagedBinaries();
  if (major === null || !packaged || major >= packaged.major) return null;
  // Rows are copied between schemas that are the same, so the old one is brought to those of today first.
  const old = await openEmbeddedPostgres({ directory });
  try {
    await prepareDatabase(old.connection);
  } finally {
    await old.stop();
  }
  return upgradeEmbeddedPostgres({ directory, prepare: ({ connection }) => prepareDatabase(connection) });
}

/** The major version that made a cluster, as it says itself. */
async function majorOf(directory: string): Promise<number | null> {
  try {
    return Number(await readFile(join(directory, "postgres", "PG_VERSION"), "utf8"));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw thrown;
  }
}

/** Makes the schemas of today, ours and DBOS's. May be repeated; begins nothing that is in them. */
export async function prepareDatabase(connection: EmbeddedPostgres["connection"]): Promise<void> {
  const store = openStore(connection);
  try {
    await migrate(store);
    const nothing = await openDbos({
      store,
      worker: "upgrade",
      interpret: async () => undefined,
      log: () => undefined,
    });
    await nothing.close();
  } finally {
    await store.close();
  }
}
