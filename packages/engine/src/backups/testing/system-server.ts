import { spawnSync } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programOf } from "../../database/binaries.ts";
import { startIsolated } from "../../database/isolated-server.ts";
import { chooseServerUser } from "../../database/server-user.ts";
import { emptyCluster } from "../empty-cluster.ts";
import { postgresPrograms } from "../postgres-programs.ts";

/** A server of the system's own PostgreSQL, as somebody else's managed database. */
export interface SystemServer {
  readonly url: string;
  /** Everything of the test may lie here. */
  readonly scratch: string;
  stop(): Promise<void>;
}

/** Starts one in a temporary folder. */
export async function systemServer(): Promise<SystemServer> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "fairway-dumps-")));
  const binaries = postgresPrograms("1");
  const runnable = { binaries, user: await chooseServerUser(programOf(binaries, "postgres"), scratch) };
  const cluster = join(scratch, "managed");
  await emptyCluster(cluster, runnable);
  const server = await startIsolated(cluster, runnable, 120_000);
  return {
    url: server.url(server.connection.database),
    scratch,
    async stop() {
      await server.stop();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** A new pair of keys of age. */
export function ageKeys(): { readonly recipient: string; readonly identity: string } {
  const identity = spawnSync("age-keygen", { encoding: "utf8" }).stdout;
  return { identity, recipient: /public key: (age1\w+)/.exec(identity)?.[1] ?? "" };
}
