import { createHash } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a file held when it was copied. */
export interface CopiedFile {
  readonly size: number;
  readonly sha256: string;
}

const chunk = 1024 * 1024;

/** Copies one file and says what was copied; undefined when there is no such file. */
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
      return { size, sha256: hash.digest("hex") };
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Everything under a directory, as paths from it, directories before what they hold; a vanished file is left out. */
export async function listTree(
  root: string,
  within = "",
): Promise<readonly { readonly path: string; readonly isDirectory: boolean }[]> {
  const entries = await readdir(join(root, within), { withFileTypes: true });
  const found: { path: string; isDirectory: boolean }[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(within, entry.name);
    if (entry.isDirectory()) found.push({ path, isDirectory: true }, ...(await listTree(root, path)));
    else if (entry.isFile()) found.push({ path, isDirectory: false });
  }
  return found;
}

const syncsAtOnce = 8;

/** Makes files and directories survive a power cut; several at once share the disk's own flushes. */
export async function syncAll(paths: readonly string[]): Promise<void> {
  const left = paths.values();
  async function work(): Promise<void> {
    for (const path of left) {
      const file = await open(path, "r");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  }
  await Promise.all(Array.from({ length: syncsAtOnce }, work));
}
