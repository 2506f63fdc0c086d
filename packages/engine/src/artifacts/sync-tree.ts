import { execFile } from "node:child_process";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Up to here each file is synced for itself: a millisecond each, and nobody else's writes are waited for. */
const fewPaths = 64;

/** Returns when everything below a folder is on the disk for good. */
export async function syncTree(root: string, paths: number): Promise<void> {
  if (paths > fewPaths) {
    try {
      // One flush of the file system; Node has no call for it.
      await promisify(execFile)("sync", ["-f", root]);
      return;
    } catch (thrown) {
      // Not everywhere does the program know `-f`; one by one works too.
      if ((thrown as NodeJS.ErrnoException).code === "EIO") throw thrown;
    }
  }
  await syncEach(root);
}

async function syncEach(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncEach(join(folder, entry.name));
    else if (entry.isFile()) await syncPath(join(folder, entry.name));
  }
  await syncPath(folder);
}

/** Returns when a file's bytes, or a folder's names, are on the disk for good. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
