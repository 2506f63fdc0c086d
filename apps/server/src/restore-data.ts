import { copyArtifacts, dataDirectory, restoreDatabase } from "@fairway/engine";
import { lockDataDirectory } from "./daemon-lock.ts";
import { artifactsOf } from "./database.ts";

/**
 * Puts a backup in the place of a data directory's database, and the files of its releases beside those that are there.
 * Refuses while a daemon holds the directory; the database that was there is kept beside. May be repeated.
 */
export async function restoreData(source: string, directory: string): Promise<void> {
  const lock = await lockDataDirectory(directory);
  const data = dataDirectory(directory);
  try {
    // First, since it replaces nothing: what is damaged is found before anything has changed.
    await copyArtifacts(artifactsOf(source), data.artifacts);
    await restoreDatabase(source, data.database);
  } finally {
    await lock.release();
  }
}
