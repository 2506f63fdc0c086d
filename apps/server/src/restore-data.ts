import { restoreDatabase, dataDirectory } from "@fairway/engine";
import { lockDataDirectory } from "./daemon-lock.ts";

/** Puts a backup in the place of a data directory's database. Refuses while a daemon holds it; what was there is kept beside. */
export async function restoreData(source: string, directory: string): Promise<void> {
  const lock = await lockDataDirectory(directory);
  try {
    await restoreDatabase(source, dataDirectory(directory).database);
  } finally {
    await lock.release();
  }
}
