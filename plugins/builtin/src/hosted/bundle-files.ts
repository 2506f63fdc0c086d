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
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const absolute = join(entry.parentPath, entry.name);
    const { mode } = await lstat(absolute);
    const read = async (): Promise<Uint8Array> =>
      entry.isSymbolicLink() ? Buffer.from(await readlink(absolute)) : readFile(absolute);
    const bytes = await read();
    files.push({
      path: absolute.slice(folder.length + 1),
      sha: createHash("sha1").update(bytes).digest("hex"),
      size: bytes.length,
      mode,
      read,
    });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
