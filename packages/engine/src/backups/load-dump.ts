import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { askOnce } from "../database/ask-once.ts";
import type { RunnableBinaries } from "../database/database-directory.ts";
import { startIsolated } from "../database/isolated-server.ts";
import { emptyCluster } from "./empty-cluster.ts";
import { runPiped, whyNotWell } from "./piped-programs.ts";

/** What a dump is loaded with. */
export interface LoadDumpParts {
  /** Roles that what is loaded speaks of. */
  readonly roles: readonly string[];
  readonly startWithin: Millis;
  readonly closing: AbortSignal;
}

const within: Millis = 6 * 3_600_000;

/**
 * Loads a dump into a new cluster beside it, which nobody else reaches, and answers with its path. Owners and grants are left
 * out: their roles are of production's server. Throws `backup_damaged` with what PostgreSQL refused.
 */
export async function loadDump(
  { path }: { readonly path: string },
  runnable: RunnableBinaries,
  { roles, startWithin, closing: signal }: LoadDumpParts,
): Promise<string> {
  const cluster = join(dirname(path), "cluster");
  await emptyCluster(cluster, runnable);
  const server = await startIsolated(cluster, runnable, startWithin, { closing: signal });
  try {
    const { host, port, user, database } = server.connection;
    await askOnce(server.connection, async (ask) => {
      for (const role of roles) await ask(`create role "${role.replaceAll('"', '""')}"`);
    });
    const ends = await runPiped(
      [
        {
          file: join(runnable.binaries.directory, "bin", "pg_restore"),
          args: [
            ...["--format=custom", "--no-owner", "--no-privileges", "--exit-on-error", "--no-password"],
            ...["--host", host, "--port", String(port), "--username", user, "--dbname", database, path],
          ],
        },
      ],
      { into: "nowhere", within, signal },
    );
    const problem = whyNotWell(ends);
    if (problem !== null) throw new FairwayError("backup_damaged", `the dump was not loaded: ${problem}`);
    // What follows ends the server at once: it starts again from here.
    await askOnce(server.connection, (ask) => ask("checkpoint"));
  } finally {
    await server.stop();
  }
  await rm(join(cluster, "postmaster.pid"), { force: true });
  return cluster;
}
