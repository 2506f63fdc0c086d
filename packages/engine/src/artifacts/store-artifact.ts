import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, lstat, mkdir, readdir, realpath, rename, symlink, utimes, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { codeOf, type Digest, FairwayError, inParallel } from "@fairway/core";
import { contentsOf } from "./contents-of.ts";
import { diskFull } from "./disk-full.ts";
import { digestOfListing, type ListedPath, writeListing } from "./listing.ts";
import { draftsOf, placeOf } from "./place-of.ts";
import { removeTree } from "./remove-tree.ts";
import { syncPath, syncTree } from "./sync-tree.ts";
import { verifyArtifact } from "./verify-artifact.ts";
import { type ArtifactLimits, defaultArtifactLimits, type SourcePath, walkSource } from "./walk-source.ts";

export { artifactDirectory } from "./place-of.ts";

/** An artifact that is safely on disk. */
export interface StoredArtifact {
  readonly digest: Digest;
  readonly files: number;
  readonly bytes: number;
}

export interface StoreOptions {
  readonly limits?: ArtifactLimits;
  /** Nothing outside of this folder becomes part of an artifact, whatever links lead there. */
  readonly within?: string;
  /** It comes from a store, which has judged its links. */
  readonly stored?: boolean;
}

/**
 * Takes what a build left into the store, and answers with the digest of exactly the bytes that are stored. The same
 * files give the same digest anywhere and at any time, and are kept once. Safe to repeat and to do at the same time.
 *
 * Throws `artifact_refused` with the path that cannot be part of an artifact, and `disk_full`; the store is then as it
 * was.
 */
export async function storeArtifact(
  source: string,
  store: string,
  { limits = defaultArtifactLimits, within, stored = false }: StoreOptions = {},
): Promise<StoredArtifact> {
  await assertFolder(source, within);
  const paths = await walkSource(source, limits, stored ? "judged-before" : { programsOutside: within ?? source });
  const draft = join(draftsOf(store), randomUUID());
  draftsInUse.add(draft);
  try {
    await mkdir(join(draft, "files"), { recursive: true });
    const listed = await copyAll(paths, source, join(draft, "files"));
    const listing = writeListing(listed);
    await writeFile(join(draft, "listing"), listing, { mode: 0o444 });
    const digest = digestOfListing(listing);
    await syncTree(draft, listed.length);
    await publish(draft, store, digest);
    const files = listed.filter((entry) => "bytes" in entry);
    return { digest, files: files.length, bytes: files.reduce((sum, entry) => sum + entry.bytes, 0) };
  } catch (thrown) {
    throw diskFull(thrown, `the artifact from ${source}`) ?? vanished(thrown, source) ?? thrown;
  } finally {
    await removeTree(draft);
    draftsInUse.delete(draft);
  }
}

/** What stores of this process work on; everything else among the drafts was left by a process that died. */
export const draftsInUse: Set<string> = new Set();

async function assertFolder(source: string, within: string | undefined): Promise<void> {
  const found = await lstat(source).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "ENOENT" && thrown.code !== "ENOTDIR") throw thrown;
  });
  if (found === undefined) {
    throw new FairwayError("artifact_refused", `the build left no ${source}`, {
      hint: "Check that the build writes where `output` says.",
    });
  }
  if (!found.isDirectory()) {
    throw new FairwayError(
      "artifact_refused",
      `${source} is ${found.isSymbolicLink() ? "a link" : "no folder"}; an artifact is made of a folder`,
    );
  }
  if (within === undefined) return;
  const [inner, outer] = await Promise.all([realpath(source), realpath(within)]);
  if (inner === outer || inner.startsWith(outer + sep)) return;
  throw new FairwayError("artifact_refused", `${source} leads out of ${within}`);
}

/** Copies first and digests the copy: the source may change under our hands, the digest must be of what is stored. */
async function copyAll(paths: readonly SourcePath[], source: string, files: string): Promise<readonly ListedPath[]> {
  // Parents come before their children in a walk, so one after the other is enough.
  for (const entry of paths) if (entry.kind === "directory") await mkdir(join(files, entry.path));
  return inParallel(paths, async (entry): Promise<ListedPath> => {
    const to = join(files, entry.path);
    switch (entry.kind) {
      case "directory":
        return entry;
      case "link":
        await symlink(entry.target, to);
        return entry;
      case "file":
      case "program":
        // Shares blocks where the file system can, never the file: whoever changes the source changes nothing here.
        await copyFile(join(source, entry.path), to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
        await chmod(to, entry.kind === "program" ? 0o555 : 0o444);
        return { path: entry.path, kind: entry.kind, ...(await contentsOf(to)) };
    }
  });
}

async function publish(draft: string, store: string, digest: Digest): Promise<void> {
  const place = placeOf(digest, store);
  const made = await mkdir(join(store, "sha256"), { recursive: true });
  await makeReadOnly(join(draft, "files"));
  try {
    await rename(draft, place);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw thrown;
    // Somebody stored the same before or meanwhile. When it is still whole, ours is not needed.
    if (await isWhole(digest, store)) {
      const now = new Date();
      await utimes(place, now, now);
      return;
    }
    await chmod(place, 0o755);
    await rename(place, join(draftsOf(store), randomUUID()));
    await rename(draft, place);
  }
  // Only now: a folder that cannot be written cannot be moved by anyone but root.
  await chmod(place, 0o555);
  for (const folder of made === undefined ? [join(store, "sha256")] : [join(store, "sha256"), store]) {
    await syncPath(folder);
  }
}

const isWhole = (digest: Digest, store: string): Promise<boolean> =>
  verifyArtifact(digest, store).then(
    () => true,
    (thrown: unknown) => {
      if (codeOf(thrown) === "artifact_damaged") return false;
      throw thrown;
    },
  );

async function makeReadOnly(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeReadOnly(join(folder, entry.name));
  }
  await chmod(folder, 0o555);
}

/** A file that was there when we looked and is gone when we copy: something still writes into the source. */
function vanished(thrown: unknown, source: string): FairwayError | undefined {
  const { code, path } = thrown as NodeJS.ErrnoException;
  if (code !== "ENOENT" || path === undefined || !path.startsWith(source)) return undefined;
  return new FairwayError("artifact_refused", `${path} went away while it was stored`, {
    hint: "Something still works in the build's output; let the build wait for what it starts.",
    cause: thrown,
  });
}
