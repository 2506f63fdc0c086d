import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import type { Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { Client } from "pg";
import { makeDirectory } from "../make-directory.ts";
import type { BackupManifest } from "./backup-manifest.ts";
import { manifestText } from "./backup-manifest.ts";
import type { CopiedFile } from "./copy-files.ts";
import { copyHashed, listTree, syncAll } from "./copy-files.ts";
import { databaseError } from "./database-error.ts";
import type { EmbeddedPostgres } from "./embedded-postgres.ts";
import { unfinishedName } from "./unfinished.ts";

/** A checkpoint on a slow disk is the longest that any one question to the server takes. */
const questionWithin: Millis = 10 * 60_000;

/**
 * Copies the database while it is in use. Whatever was committed before this resolves may be in the copy, and whatever was
 * committed before it was called is. The destination appears when it is whole and on the disk, or not at all; `add` puts what
 * else belongs to it into the folder, after the database, sees to it that it is on the disk, and says what the manifest is to
 * say of it.
 */
export async function backupDatabase(
  database: EmbeddedPostgres,
  destination: string,
  add: (folder: string) => Promise<Pick<BackupManifest, "sealing">> = async () => ({}),
): Promise<BackupManifest> {
  if (existsSync(destination))
    throw new FairwayError("bad_request", `could not back up to ${destination}: it exists already`);
  const unfinished = unfinishedName(destination);
  const client = new Client({
    ...database.connection,
    application_name: "fairway backup",
    connectionTimeoutMillis: 5_000,
    statement_timeout: questionWithin,
  });
  // The error of the question that was being asked is the one that is thrown.
  client.on("error", () => undefined);
  try {
    await makeDirectory(unfinished);
    await client.connect();
    const copied = await copyWhileRunning(client, database, join(unfinished, "cluster"));
    const manifest = { ...copied, ...(await add(unfinished)) };
    const { name, text } = manifestText(manifest);
    await writeFile(join(unfinished, name), text, { mode: 0o600, flush: true });
    await syncAll(
      ["", ...Object.keys(manifest.files), ...manifest.directories].map((path) => join(unfinished, "cluster", path)),
    );
    await syncAll([unfinished]);
    await rename(unfinished, destination);
    await syncAll([dirname(destination)]);
    return manifest;
  } catch (thrown) {
    throw databaseError(`back up the database to ${destination}`, thrown);
  } finally {
    await client.end();
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function copyWhileRunning(client: Client, database: EmbeddedPostgres, target: string): Promise<BackupManifest> {
  // The slot lives as long as this connection and keeps the server from recycling the log that the copy needs.
  await client.query(`select pg_create_physical_replication_slot('fairway_backup_' || pg_backend_pid(), true, true)`);
  const from = (await one<{ lsn: string; segment: string }>(
    client,
    "select lsn, pg_walfile_name(lsn) as segment from pg_backup_start('fairway', true) as lsn",
  ))!;
  const directories: string[] = [];
  const files: Record<string, CopiedFile> = {};
  const copy = async (path: string): Promise<void> => {
    const copied = await copyHashed(join(database.cluster, path), join(target, path));
    // A table that was dropped meanwhile; replaying the log drops it from the copy too.
    if (copied !== undefined) files[path] = copied;
  };
  await mkdir(target, { mode: 0o700 });
  for (const { path, isDirectory } of await listTree(database.cluster)) {
    if (isLeftOut(path)) continue;
    if (isDirectory) {
      await mkdir(join(target, path), { mode: 0o700 });
      directories.push(path);
    } else {
      await copy(path);
    }
  }
  const to = (await one<{ lsn: string; segment: string; label: string; tablespaces: string }>(
    client,
    `select lsn, pg_walfile_name(lsn) as segment, labelfile as label, spcmapfile as tablespaces from pg_backup_stop(false)`,
  ))!;
  if (to.tablespaces !== "")
    throw new FairwayError(
      "database_unusable",
      "the database has tablespaces outside its directory, which a backup does not hold",
    );
  await writeFile(join(target, "backup_label.made"), to.label, { mode: 0o600 });
  files["backup_label"] = (await copyHashed(join(target, "backup_label.made"), join(target, "backup_label")))!;
  await rm(join(target, "backup_label.made"));
  for (const { path } of await listTree(database.cluster, "pg_wal")) {
    const segment = basename(path);
    if (/^[0-9A-F]{24}$/.test(segment) && segment >= from.segment && segment <= to.segment) await copy(path);
  }
  return {
    format: 1,
    madeAt: new Date().toISOString(),
    postgres: { version: database.version, major: database.major },
    wal: { from: from.lsn, to: to.lsn },
    directories,
    files,
  };
}

/** What a server makes anew at its start, by PostgreSQL's own list for base backups. The log is copied at the end. */
function isLeftOut(path: string): boolean {
  const [top, ...below] = path.split(sep);
  const name = basename(path);
  const madeAnew = [
    "pg_dynshmem",
    "pg_notify",
    "pg_replslot",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
  ];
  if (
    below.length > 0 &&
    (top === "pg_wal" ? below[0] !== "archive_status" && below[0] !== "summaries" : madeAnew.includes(top ?? ""))
  )
    return true;
  return /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|current_logfiles.*|backup_label.*|tablespace_map.*)$/.test(
    name,
  );
}

async function one<Row extends object>(client: Client, sql: string): Promise<Row | undefined> {
  return (await client.query<Row>(sql)).rows[0];
}
