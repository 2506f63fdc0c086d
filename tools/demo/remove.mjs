import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes a folder with all in it. Artifacts are kept in read-only folders, which only root may remove as they are. */
export async function removeAll(folder) {
  await makeWritable(folder);
  await rm(folder, { recursive: true, force: true });
}

async function makeWritable(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
  if (entries.length > 0) await chmod(folder, 0o755);
  for (const entry of entries) if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}
