import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import { ours } from "../database/cluster.ts";
import type { RunnableBinaries } from "../database/database-directory.ts";
import { commandAs, giveTo, serverEnvironment } from "../database/server-user.ts";

/**
 * Makes a cluster of any version of PostgreSQL in a directory that is not there yet, to be thrown away. Throws
 * `command_failed`.
 */
export async function emptyCluster(path: string, { binaries, user }: RunnableBinaries): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  await giveTo(user, path);
  const { file, args, identity } = commandAs(user, join(binaries.directory, "bin", "initdb"), [
    ...["-D", path, "--username", ours.user, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"],
    ...["--data-checksums", "--no-sync", "--no-instructions"],
  ]);
  await new Promise<void>((resolve, reject) => {
    execFile(
      file,
      args,
      { ...identity, env: serverEnvironment, cwd: path, timeout: 120_000 },
      (error, _stdout, stderr) =>
        error === null
          ? resolve()
          : reject(
              new FairwayError("command_failed", `initdb ended: ${stderr.trim().split("\n").slice(-3).join(" / ")}`),
            ),
    );
  });
}
