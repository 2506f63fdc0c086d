import { rm, writeFile } from "node:fs/promises";
import { copyArtifacts, dataDirectory, readManifest, restoreDatabase } from "@fairway/engine";
import { assertKeysFor } from "./backup-keys.ts";
import { lockDataDirectory } from "./daemon-lock.ts";
import { artifactsOf } from "./database.ts";
import { keyKeepers } from "./key-keepers.ts";

/**
 * Puts a backup in the place of a data directory's database, and the files of its releases beside those that are there. Refuses
 * while a daemon holds the directory, and without the key that its secrets are sealed by; the database that was there is kept
 * beside. May be repeated.
 */
export async function restoreData(source: string, directory: string, keyFile: string | null = null): Promise<void> {
  const lock = await lockDataDirectory(directory);
  const data = dataDirectory(directory);
  try {
    const { sealing = [] } = await readManifest(source);
    await assertKeysFor(sealing, await keyKeepers(data.root), keyFile);
    // First, since it replaces nothing: what is damaged is found before anything has changed.
    await copyArtifacts(artifactsOf(source), data.artifacts);
    // Before the database changes places: afterwards its audit would end before where it was vouched for, without a word.
    await writeFile(data.restoredMark, `${new Date().toISOString()} ${source}\n`, { mode: 0o600, flush: true });
    await restoreDatabase(source, data.database).catch(async (thrown: unknown) => {
      await rm(data.restoredMark, { force: true });
      throw thrown;
    });
  } finally {
    await lock.release();
  }
}
