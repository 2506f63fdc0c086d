import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmbeddedPostgres } from "./embedded-postgres.ts";
import { openEmbeddedPostgres } from "./embedded-postgres.ts";
import { watchServersIn } from "./server-watch.ts";

/** A server without durability, which is gone when the process that started it is gone, also when it is killed. */
export interface ThrowawayServer {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** Starts one in a temporary folder, in about a second. */
export async function openThrowawayServer(settings: Readonly<Record<string, string>> = {}): Promise<ThrowawayServer> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "fairway-database-")));
  const watch = watchServersIn(directory);
  let server: EmbeddedPostgres;
  try {
    server = await openEmbeddedPostgres({
      directory,
      settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", ...settings },
    });
  } catch (thrown) {
    watch.dismiss();
    throw thrown;
  }
  return {
    connectionString: server.connectionString,
    async stop() {
      await server.stop({ fast: 5_000 });
      await rm(directory, { recursive: true, force: true });
      watch.dismiss();
    },
  };
}
