import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, FairwayError, inParallel } from "@fairway/core";
import { contentsOf } from "./contents-of.ts";
import { digestOfListing, type ListedPath, readListing } from "./listing.ts";
import { placeOf } from "./place-of.ts";
import { walkSource } from "./walk-source.ts";

/**
 * Reads every byte of a stored artifact. Throws `artifact_damaged` with the first path that is not what the digest says,
 * and `not_found`.
 */
export async function verifyArtifact(digest: Digest, store: string): Promise<void> {
  const place = placeOf(digest, store);
  const listing = await readFile(join(place, "listing"), "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "ENOENT") throw thrown;
    throw new FairwayError("not_found", `there is no artifact ${digest}`);
  });
  if (digestOfListing(listing) !== digest) throw damaged(digest, "its listing");
  const files = join(place, "files");
  const wanted = new Map(readListing(listing).map((entry) => [entry.path, entry]));
  // Unbounded, since a damaged artifact may hold anything; an extra file is named like a changed one.
  const there = await walkSource(files, { paths: Infinity, bytes: Infinity }, "judged-before").catch(
    (thrown: unknown) => {
      throw damaged(digest, "its files", thrown);
    },
  );
  const extra = there.map(({ path }) => path).filter((path) => !wanted.has(path));
  const wrong = await inParallel([...wanted.values()], async (entry) =>
    (await isAsListed(files, entry)) ? [] : [entry.path],
  );
  const [first] = [...extra, ...wrong.flat()].toSorted();
  if (first !== undefined) throw damaged(digest, first);
}

async function isAsListed(files: string, entry: ListedPath): Promise<boolean> {
  const path = join(files, entry.path);
  try {
    const found = await lstat(path);
    switch (entry.kind) {
      case "directory":
        return found.isDirectory();
      case "link":
        return found.isSymbolicLink() && (await readlink(path)) === entry.target;
      case "file":
      case "program":
        return (
          found.isFile() &&
          found.size === entry.bytes &&
          ((found.mode & 0o100) !== 0) === (entry.kind === "program") &&
          (await contentsOf(path)).sha256 === entry.sha256
        );
    }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // EIO is what a dying disk answers, and then the bytes are not what they were.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EIO") return false;
    throw thrown;
  }
}

const damaged = (digest: Digest, what: string, cause?: unknown): FairwayError =>
  new FairwayError("artifact_damaged", `${what} of artifact ${digest} is not what was stored`, {
    hint: "Make a new release of the same revision, and look for what writes into the store.",
    cause,
  });
