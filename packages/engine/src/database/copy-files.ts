import { createHash } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a file held when it was copied. */
export interface CopiedFile {
  readonly size: number;
  readonly sha256: string;
}

const chunk = 1024 * 1024;

/** Copies one file to the disk, not only to memory, and says what was copied; undefined when there is no such file. */
export async function copyHashed(source: string, target: string): Promise<CopiedFile | undefined> {
  const from = await open(source, "r").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  if (from === undefined) return undefined;
  try {
    const to = await open(target, "wx", 0o600);
    try {
      const hash = createHash("sha256");
      const buffer = Buffer.allocUnsafe(chunk);
      let size = 0;
      for (;;) {
        const { bytesRead } = await from.read(buffer, 0, chunk, size);
        if (bytesRead === 0) break;
        const bytes = buffer.subarray(0, bytesRead);
        hash.update(bytes);
        await to.writev([bytes]);
        size += bytesRead;
      }
      await to.sync();
      return { size, sha256: hash.digest("hex") };
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Everything under a directory, as paths from it, directories before what they hold; a vanished file is left out. */
export async function listTree(root: string, within = ""): Promise<readonly { readonly path: string; readonly isDirectory: boolean }[]> {
  const entries = await readdir(join(root, within), { withFileTypes: true });
  const found: { path: string; isDirectory: boolean }[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(within, entry.name);
    if (entry.isDirectory()) found.push({ path, isDirectory: true }, ...(await listTree(root, path)));
    else if (entry.isFile()) found.push({ path, isDirectory: false });
  }
  return found;
}

/** Makes the names in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
