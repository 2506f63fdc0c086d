import { createHash } from "node:crypto";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/** One file of what a release gives a platform. */
export interface BundleFile {
  /** From the folder, with `/`. */
  readonly path: string;
  /** SHA-1 of its bytes, in small hexadecimal; both platforms know files by that. */
  readonly sha: string;
  readonly size: number;
  /** As the file system has it, the kind of file included. */
  readonly mode: number;
  read(): Promise<Uint8Array>;
}

/** Every file of a folder by its path. A link is a file whose bytes are where it leads, as Vercel's own program has it. */
export async function bundleFiles(folder: string): Promise<readonly BundleFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: BundleFile[] = [];
  // One after another: each is read whole to know its digest, and a bundle has files of many megabytes.
  for (const entry of entries)
    if (!entry.isDirectory())
      files.push(await bundleFile(folder, join(entry.parentPath, entry.name).slice(folder.length + 1)));
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** One file of a folder, or a link as what it is. */
export async function bundleFile(folder: string, path: string): Promise<BundleFile> {
  const absolute = join(folder, path);
  const stat = await lstat(absolute);
  const read = async (): Promise<Uint8Array> =>
    stat.isSymbolicLink() ? Buffer.from(await readlink(absolute)) : readFile(absolute);
  const bytes = await read();
  return {
    path,
    sha: createHash("sha1").update(bytes).digest("hex"),
    size: bytes.length,
    mode: stat.mode,
    read,
  };
}
