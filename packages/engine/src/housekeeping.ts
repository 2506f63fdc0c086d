import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Digest, Millis, RunId } from "@fairway/core";
import { pruneArtifacts } from "./artifacts/prune-artifacts.ts";
import { sweepCommands } from "./commands/sweep-commands.ts";
import type { DataDirectory } from "./data-directory.ts";
import { compressEndedLogs } from "./logs/compress-ended.ts";
import type { CommandUser } from "./commands/run-as.ts";
import { tidyJobFolders } from "./workflows/job-folders.ts";
import { jobPlaceOf } from "./workflows/job-place.ts";
import { forgetEvents } from "./store/events.ts";
import { attemptOf, standingsOf } from "./store/jobs.ts";
import { artifactsInUse } from "./store/releases.ts";
import { listRuns, openRuns } from "./store/runs.ts";
import type { Store } from "./store/store.ts";

const day: Millis = 24 * 60 * 60 * 1000;
/** A failed run's checkout is there for a retry; after this a retry makes its own. */
const workspacesKept: Millis = day;
/** What commands wrote. */
const logsKept: Millis = 90 * day;
const eventsKept = 100_000;
/** Any of the newest releases may be deployed again; older ones when something still runs them. */
const releasesKept = 50;

/**
 * Removes what is left of runs that the database does not know. It is behind when a backup was put back, and the run
 * that gets such a number next must not find outcomes that are not its own.
 */
async function forgetUnknownRuns(store: Store, data: DataDirectory): Promise<void> {
  const newest = (await listRuns(store, { limit: 1 }))[0]?.number ?? 0;
  for (const directory of [data.steps, join(data.root, "work")])
    for (const name of await namesIn(directory)) {
      const number = Number(/^run-(\d+)$/.exec(name)?.[1] ?? 0);
      if (number > newest) await rm(join(directory, name), { recursive: true, force: true });
    }
}

/** Ends commands of attempts that nobody will go on with: what a killed daemon left of runs that have ended since. */
export async function sweepAtStart(store: Store, data: DataDirectory): Promise<void> {
  const attempts = new Set<string>();
  for (const run of await openRuns(store))
    for (const job of (await standingsOf(store, run)).filter(({ state }) => state === "running"))
      attempts.add(data.attempt(attemptOf(job)));
  await sweepCommands(data.steps, (directory) => attempts.has(join(directory, "..")));
  // A journey that was not kept is made again, by whoever has its turn next.
  await sweepCommands(data.checkTurns, () => false);
  await rm(data.checkTurns, { recursive: true, force: true });
  await forgetUnknownRuns(store, data);
}

/** Removes what nobody will ask for again. May be repeated and interrupted at any point. */
export async function tidy(store: Store, data: DataDirectory, now: Millis, stepsUser?: CommandUser): Promise<void> {
  await pruneArtifacts(new Set<Digest>(await artifactsInUse(store, releasesKept)), data.artifacts);
  const open = new Set<RunId>(await openRuns(store));
  const ended = (run: string): boolean => !open.has(run as RunId);
  await removeOld(join(data.root, "work"), now - workspacesKept, ended);
  await removeOld(data.steps, now - logsKept, ended);
  if (stepsUser !== undefined) await tidyJobFolders(await jobPlaceOf(data, stepsUser), now - workspacesKept, ended);
  await forgetEvents(store, eventsKept);
}

/** Compresses the logs of steps that have ended. May be repeated and interrupted at any point. */
export async function compressLogs(store: Store, data: DataDirectory, signal: AbortSignal): Promise<void> {
  const open = new Set<RunId>(await openRuns(store));
  await compressEndedLogs(data.steps, (run) => !open.has(run as RunId), signal);
}

async function removeOld(directory: string, before: Millis, mayGo: (name: string) => boolean): Promise<void> {
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    if (mayGo(name) && (await stat(path)).mtimeMs < before) await rm(path, { recursive: true, force: true });
  }
}

const namesIn = (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
