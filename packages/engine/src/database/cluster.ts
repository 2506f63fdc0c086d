import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { Binaries } from "./binaries.ts";
import { programOf } from "./binaries.ts";
import { serverError } from "./database-error.ts";
import type { ServerUser } from "./server-user.ts";
import { commandAs, giveTo, serverEnvironment } from "./server-user.ts";
import { isAbandoned, unfinishedName } from "./unfinished.ts";

/**
 * The user, the database and the port (a part of the socket's name) of every cluster of ours. The database is the one
 * that every new cluster has and that tools look for first; DBOS warns at each start where it is missing.
 */
export const ours = { user: "fairway", database: "postgres", port: 5432 } as const;

const initdbDeadline: Millis = 120_000;

/** The major version that made a cluster, or undefined when there is no cluster. */
export function majorOfCluster(cluster: string): number | undefined {
  const file = join(cluster, "PG_VERSION");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}

/**
 * Makes an empty cluster, whole or not at all: it is made beside and renamed. When another process was faster, its
 * cluster stands and ours is thrown away.
 */
export async function makeCluster(
  cluster: string,
  binaries: Binaries,
  user: ServerUser,
  durable = true,
): Promise<void> {
  const building = unfinishedName(cluster);
  try {
    await mkdir(building, { mode: 0o700 });
    await giveTo(user, building);
    await initdb(building, binaries, user, durable);
    await rename(building, cluster);
  } catch (thrown) {
    if (majorOfCluster(cluster) === undefined) throw thrown;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/**
 * Writes the settings that every start uses. A team's own go to `local.conf` in the cluster. The server listens on no
 * address and lets in whoever reaches its socket, which lies in a directory of mode 0700.
 */
export async function configureCluster(cluster: string): Promise<void> {
  for (const left of readdirSync(cluster).filter(isAbandoned)) await rm(join(cluster, left), { force: true });
  const settings: Record<string, string | number> = {
    max_connections: 100,
    shared_buffers: "64MB",
    // Online backups read the WAL.
    wal_level: "replica",
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    max_wal_size: "256MB",
    // Full pages in the WAL are most of it; lz4 and zstd are not in every build, pglz is.
    wal_compression: "pglz",
    log_line_prefix: "'%m [%p] '",
    log_min_messages: "warning",
    log_checkpoints: "off",
    log_statement: "none",
    // An error's text may carry a value; the daemon reports its own errors.
    log_min_error_statement: "panic",
    log_timezone: "UTC",
    timezone: "UTC",
    datestyle: "'iso, ymd'",
    lc_messages: "C",
    jit: "off",
  };
  // Three worker processes for reading ahead are worth nothing at our size.
  if ((majorOfCluster(cluster) ?? 0) >= 18) settings["io_method"] = "sync";
  await replaceFile(
    join(cluster, "postgresql.conf"),
    [
      "# Written by Fairway at every start. Put settings of your own into local.conf beside this file.",
      ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
      ...(existsSync(join(cluster, "local.conf")) ? ["include 'local.conf'"] : []),
      "listen_addresses = ''",
      "",
    ].join("\n"),
  );
  await replaceFile(join(cluster, "pg_hba.conf"), "# Written by Fairway at every start.\nlocal all all trust\n");
}

async function replaceFile(path: string, content: string): Promise<void> {
  if (existsSync(path) && readFileSync(path, "utf8") === content) return;
  // Two daemons may be at it: under one name, one would take the other's file away, or put it in place half written.
  const writing = unfinishedName(path);
  // Readable by all, because the server may run as another user; the directory lets in only its owner.
  await writeFile(writing, content, { mode: 0o644, flush: true });
  await rename(writing, path);
}

function initdb(cluster: string, binaries: Binaries, user: ServerUser, durable: boolean): Promise<void> {
  const { file, args, identity } = commandAs(user, programOf(binaries, "initdb"), [
    ...["-D", cluster, "--username", ours.user, "--auth", "trust", "--encoding", "UTF8", "--data-checksums"],
    // Sorting by code point, independent of the operating system, whose updates would silently break indexes.
    ...["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
    // A backup carries whole segments, so small ones keep it small.
    ...["--wal-segsize", "4", "--no-instructions"],
    ...(durable ? [] : ["--no-sync"]),
  ]);
  return new Promise((resolve, reject) => {
    execFile(
      file,
      args,
      { ...identity, env: serverEnvironment, cwd: cluster, timeout: initdbDeadline },
      (error, stdout, stderr) => {
        if (error === null) resolve();
        else if (error.killed === true)
          reject(
            new FairwayError(
              "deadline_passed",
              `could not make the database in ${cluster} within ${initdbDeadline / 1000} s`,
            ),
          );
        else
          reject(
            serverError(
              `make the database in ${cluster} with initdb`,
              `${stdout}${stderr}`.trim().split("\n").slice(-6),
            ),
          );
      },
    );
  });
}
