import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it, for us alone; does nothing when it is there. Not by mkdir's `recursive`, which
 * in Node 20 tries for ever where the system refuses with ENOENT, as it does in /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await isMade(path)) return;
  await makeDirectory(dirname(path));
  // Somebody else may have made it meanwhile.
  if (!(await isMade(path))) throw new Error(`nothing can be made in ${dirname(path)}`);
}

/** Whether it is there now; false when what is above it is missing. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(path) !== path) return false;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return true;
    throw thrown;
  }
}
