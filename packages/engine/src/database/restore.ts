import { readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "@fairway/core";
import type { BackupManifest } from "./backup-manifest.ts";
import { damaged, readManifest } from "./backup-manifest.ts";
import type { Binaries } from "./binaries.ts";
import { newestKept, noBinaries, packagedBinaries } from "./binaries.ts";
import { copyHashed } from "./copy-files.ts";
import { databaseError } from "./database-error.ts";
import type { DatabaseDirectory } from "./database-directory.ts";
import { hasCluster, makeRunnable, prepareDirectory, swapIn } from "./database-directory.ts";
import { own } from "./ownership.ts";
import { runningServer } from "./postmaster-file.ts";
import { ensureServer, stopServer } from "./server.ts";
import { makeSocketDirectory } from "./socket-directory.ts";
import { unfinishedName } from "./unfinished.ts";

/** What a restore left behind. */
export interface Restored {
  readonly manifest: BackupManifest;
  /** Where the database that was there before lies now, until the next restore. */
  readonly keptAs: string | undefined;
}

const patience = { fast: 30_000, immediate: 10_000 };
const keptName = "postgres-before-restore-";

/**
 * Puts a backup in the place of a database that nobody holds. Every file is compared with the manifest as it is copied
 * beside the present database, the copy is started once to prove that it recovers, and only then do the two change
 * places; whatever fails before leaves the present one as it was.
 */
export async function restoreDatabase(
  source: string,
  path: string,
  options: { readonly startWithin?: Millis } = {},
): Promise<Restored> {
  const manifest = await readManifest(source);
  const directory = await prepareDirectory(path);
  await stopUnheld(directory);
  const unfinished = unfinishedName(directory.cluster);
  try {
    await copyVerified(source, manifest, unfinished);
    await prove(directory, unfinished, binariesOf(directory, manifest), options.startWithin ?? 10 * 60_000);
    const keptAs = hasCluster(directory)
      ? `${keptName}${new Date().toISOString().replaceAll(":", "")}-kept`
      : undefined;
    await swapIn(directory, unfinished, keptAs ?? "");
    for (const name of readdirSync(directory.path)) {
      if (name.startsWith(keptName) && name !== keptAs) await rm(join(directory.path, name), { recursive: true });
    }
    return { manifest, keptAs: keptAs === undefined ? undefined : join(directory.path, keptAs) };
  } catch (thrown) {
    throw databaseError(`restore the backup ${source}`, thrown);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Copies a backup's cluster, comparing every file with the manifest and naming the first that is damaged. */
export async function copyVerified(source: string, manifest: BackupManifest, target: string): Promise<void> {
  await mkdir(target, { mode: 0o700 });
  for (const path of manifest.directories) await mkdir(join(target, path), { mode: 0o700 });
  for (const [path, expected] of Object.entries(manifest.files)) {
    const found = await copyHashed(join(source, "cluster", path), join(target, path));
    if (found === undefined) throw damaged(source, path, "it is missing");
    if (found.size !== expected.size)
      throw damaged(source, path, `it has ${found.size} bytes instead of ${expected.size}`);
    if (found.sha256 !== expected.sha256) throw damaged(source, path, "its bytes have changed");
  }
}

/** A server that a killed daemon left behind is stopped; one that a daemon holds is a refusal. */
async function stopUnheld(directory: DatabaseDirectory): Promise<void> {
  const running = runningServer(directory.cluster);
  if (running === undefined) return;
  const ownership = await own(running.socketDirectory, 1_000);
  await ownership.release();
  await stopServer(directory.cluster, running.pid, patience);
}

function binariesOf(directory: DatabaseDirectory, { postgres }: BackupManifest): Binaries {
  const packaged = packagedBinaries();
  const found = packaged?.major === postgres.major ? packaged : newestKept(directory.path, postgres.major);
  if (found === undefined) throw noBinaries(postgres.major);
  return found;
}

/** The start also brings the copy to the disk: a server that recovers first syncs all that it was given. */
async function prove(
  directory: DatabaseDirectory,
  cluster: string,
  wanted: Binaries,
  startWithin: Millis,
): Promise<void> {
  const runnable = await makeRunnable(directory, wanted);
  const setup = {
    cluster,
    ...runnable,
    socketDirectory: await makeSocketDirectory(directory.path, runnable.user),
    log: { path: join(directory.path, "server.log") },
    settings: {},
    startWithin,
  };
  const server = await ensureServer(setup);
  try {
    await (await own(server.socketDirectory, 1_000)).release();
  } finally {
    await stopServer(cluster, server.pid, patience);
  }
}
