import { existsSync, readdirSync } from "node:fs";
import { access, constants, mkdir, readdir, realpath, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { compareVersions, keepBinaries, keptBinaries, newestKept, noBinaries, programOf } from "./binaries.ts";
import { majorOfCluster, makeCluster } from "./cluster.ts";
import { databaseError } from "./database-error.ts";
import { runningServer } from "./postmaster-file.ts";
import { stopServer } from "./server.ts";
import type { ServerUser } from "./server-user.ts";
import { chooseServerUser } from "./server-user.ts";
import { isAbandoned } from "./unfinished.ts";

/**
 * The embedded database's directory:
 * `postgres` the cluster, `postgres-incoming` one that is whole and about to take its place, `postgres-…-kept` what was
 * replaced, `….unfinished-…` what somebody is at work on, `bin-<version>` the programs, `socket`, `server.log`.
 */
export interface DatabaseDirectory {
  readonly path: string;
  readonly cluster: string;
}

/** Makes the directory if need be, ends what a crash left half done in it, and says where its cluster is. */
export async function prepareDirectory(path: string): Promise<DatabaseDirectory> {
  try {
    await makeDirectory(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (thrown) {
    throw databaseError(`use the database directory ${path}`, thrown);
  }
  const real = await realpath(path);
  const directory = { path: real, cluster: join(real, "postgres") };
  try {
    await settleSwap(directory);
    await clearUnfinished(directory);
  } catch (thrown) {
    throw databaseError(`clear up the database directory ${path}`, thrown);
  }
  return directory;
}

/** One level first: on a read-only disk Node's recursive form says only that there is no such file. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") await mkdir(path, { recursive: true, mode: 0o700 });
    else if (code === "EEXIST") await readdir(path);
    else throw thrown;
  }
}

/** Whether the directory holds a cluster yet. */
export function hasCluster(directory: DatabaseDirectory): boolean {
  return majorOfCluster(directory.cluster) !== undefined;
}

/** Binaries and the user that can run them. */
export interface RunnableBinaries {
  readonly binaries: Binaries;
  readonly user: ServerUser;
}

/**
 * The binaries that the cluster is to run with from its next start: those kept with it, or the installed package's when
 * these are a newer minor version of the same major. A new cluster gets the package's.
 */
export function binariesFor(directory: DatabaseDirectory, packaged: Binaries | undefined): Binaries {
  const major = majorOfCluster(directory.cluster) ?? packaged?.major;
  const kept = major === undefined ? undefined : newestKept(directory.path, major);
  const packageServes =
    packaged?.major === major && (kept === undefined || compareVersions(packaged?.version ?? "", kept.version) > 0);
  const chosen = packageServes ? packaged : kept;
  if (chosen === undefined) throw noBinaries(majorOfCluster(directory.cluster));
  return chosen;
}

/** Puts binaries into the directory and finds the user that can run them there. */
export async function makeRunnable(directory: DatabaseDirectory, wanted: Binaries): Promise<RunnableBinaries> {
  try {
    const binaries = await keepBinaries(wanted, directory.path);
    return { binaries, user: await chooseServerUser(programOf(binaries, "postgres"), directory.path) };
  } catch (thrown) {
    throw databaseError(`put PostgreSQL ${wanted.version} into ${directory.path}`, thrown);
  }
}

/** Removes the sets of binaries that a newer one of the same major has replaced. Never those of a server that runs. */
export async function removeOlderBinaries(directory: DatabaseDirectory, inUse: Binaries): Promise<void> {
  for (const each of keptBinaries(directory.path)) {
    if (each.major === inUse.major && compareVersions(each.version, inUse.version) < 0)
      await rm(each.directory, { recursive: true });
  }
}

/** Makes the cluster if there is none. */
export async function ensureCluster(
  directory: DatabaseDirectory,
  { binaries, user }: RunnableBinaries,
  durable: boolean,
): Promise<void> {
  if (hasCluster(directory)) return;
  await makeCluster(directory.cluster, binaries, user, durable).catch((thrown: unknown) => {
    throw databaseError(`make the database in ${directory.path}`, thrown);
  });
}

/**
 * Puts a finished cluster in the place of the present one, which is kept under another name. Two renames; a crash between
 * them is settled by the next opener, since a cluster is only called incoming when it is whole.
 */
export async function swapIn(directory: DatabaseDirectory, finished: string, keptAs: string): Promise<void> {
  await rename(finished, incomingOf(directory));
  if (existsSync(directory.cluster)) await rename(directory.cluster, join(directory.path, keptAs));
  await rename(incomingOf(directory), directory.cluster);
}

const incomingOf = (directory: DatabaseDirectory): string => join(directory.path, "postgres-incoming");

async function settleSwap(directory: DatabaseDirectory): Promise<void> {
  if (!existsSync(incomingOf(directory))) return;
  // With the old one still in place the swap never began; it may have gone on since, so the copy is worth nothing now.
  if (existsSync(directory.cluster)) await rm(incomingOf(directory), { recursive: true });
  else await rename(incomingOf(directory), directory.cluster);
}

/** What a killed process was at work on goes, with the server it may have left running in it. */
async function clearUnfinished(directory: DatabaseDirectory): Promise<void> {
  for (const name of readdirSync(directory.path).filter(isAbandoned)) {
    const path = join(directory.path, name);
    const running = runningServer(path);
    if (running !== undefined) await stopServer(path, running.pid, { fast: 0, immediate: 5_000 });
    await rm(path, { recursive: true, force: true });
  }
}
