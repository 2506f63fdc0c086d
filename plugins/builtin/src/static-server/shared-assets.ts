import { randomUUID } from "node:crypto";
import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Millis } from "@fairway/core";

/** What no release has brought for so long is removed: nobody has a page open that is this old. */
export const keptFor: Millis = 7 * 24 * 60 * 60 * 1000;

/**
 * Puts a release's files with hashed names where every replica of every release finds them. While a release rolls out, a
 * page of one is often asked for its files at a replica of the other, and without this those would be 404. May be
 * repeated, and done by several at once.
 */
export async function shareAssets(root: string, files: readonly string[], shared: string, now: number): Promise<void> {
  for (const file of files) {
    const path = join(shared, file);
    await mkdir(dirname(path), { recursive: true });
    if (!(await isThere(path))) await copyWhole(join(root, file), path);
    await utimes(path, now / 1000, now / 1000);
  }
  for (const entry of await readdir(shared, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const age = await stat(path).then(({ mtimeMs }) => now - mtimeMs, gone);
    if (age > keptFor) await rm(path, { force: true });
  }
}

/** Whole or not at all: another replica may serve it the moment it is there. */
async function copyWhole(from: string, to: string): Promise<void> {
  // Not by the number of the process: replicas in containers all have the same.
  const draft = `${to}.${randomUUID()}.draft`;
  // A copy, since a stored artifact's own file must not get another time.
  await copyFile(from, draft);
  await link(draft, to).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "EEXIST") return undefined;
    return rename(draft, to);
  });
  await rm(draft, { force: true });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => gone(thrown) !== 0,
  );

/** Another replica may have removed it first. */
function gone(thrown: NodeJS.ErrnoException): 0 {
  if (thrown.code === "ENOENT") return 0;
  throw thrown;
}
