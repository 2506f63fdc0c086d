import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ReleaseId, RunId } from "@fairway/core";
import type { DataDirectory } from "../data-directory.ts";
import type { Sql } from "../store/store.ts";

/** A log, and what it is shown as. */
export interface LogFile {
  readonly shown: string;
  readonly file: string;
}

/** The logs of steps below a folder, each once, whether it was compressed since or not. A folder that is gone has none. */
export async function logsBelow(root: string, folder: string): Promise<readonly LogFile[]> {
  const found = new Map<string, LogFile>();
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(ifGone);
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) for (const one of await logsBelow(root, path)) found.set(one.shown, one);
    else if (entry.isFile() && /^log(?:\.gz)?$/.test(entry.name)) {
      const shown = path.replace(/\.gz$/, "");
      found.set(shown, { shown, file: join(root, shown) });
    }
  }
  return [...found.values()];
}

/** The logs of the run that made a release. */
export async function runFolders(sql: Sql, data: DataDirectory, release: ReleaseId): Promise<readonly LogFile[]> {
  const [made] = await sql.rows<{ run: RunId }>("select run from fairway.releases where id = $1", [release]);
  return made === undefined ? [] : logsBelow(data.steps, made.run);
}

/** None where there is nothing; anything else is thrown. */
export function ifGone(thrown: NodeJS.ErrnoException): [] {
  if (thrown.code === "ENOENT") return [];
  throw thrown;
}
