import { chmod, mkdir, readdir, rename, stat } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Digest, Millis } from "@fairway/core";
import { draftsOf, placeOf } from "./place-of.ts";
import { removeTree } from "./remove-tree.ts";
import { draftsInUse } from "./store-artifact.ts";

/** An artifact this young may belong to a release that is still being made. */
const youngest: Millis = 24 * 60 * 60 * 1000;

/**
 * Removes the artifacts that are not among these and were stored before a time (a day ago unless said otherwise), and
 * what interrupted stores left. Safe beside stores of this process.
 */
export async function pruneArtifacts(
  keep: ReadonlySet<Digest>,
  store: string,
  storedBefore: Millis = Date.now() - youngest,
): Promise<readonly Digest[]> {
  for (const name of await readdir(draftsOf(store)).catch(noneIfMissing)) {
    const draft = join(draftsOf(store), name);
    if (!draftsInUse.has(draft)) await removeTree(draft);
  }
  const removed: Digest[] = [];
  for (const name of await readdir(join(store, "sha256")).catch(noneIfMissing)) {
    const digest = `sha256:${name}`;
    const place = placeOf(digest, store);
    if (keep.has(digest) || (await stat(place)).mtimeMs >= storedBefore) continue;
    // Out of sight in one step first: half an artifact must never be found under its digest.
    const draft = join(draftsOf(store), randomUUID());
    await mkdir(draftsOf(store), { recursive: true });
    await chmod(place, 0o755);
    await rename(place, draft);
    await removeTree(draft);
    removed.push(digest);
  }
  return removed;
}

function noneIfMissing(thrown: NodeJS.ErrnoException): readonly string[] {
  if (thrown.code !== "ENOENT") throw thrown;
  return [];
}
