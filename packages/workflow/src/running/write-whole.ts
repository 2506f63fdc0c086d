import { cp, rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file that is there whole or as it was: whoever wrote it may have been killed half-way, a step may be reading it,
 * and who goes on finds it again. May be repeated, in the place of one that is being read.
 */
export async function writeWhole(path: string, text: string, mode: number = 0o666): Promise<void> {
  const draft = `${path}.new`;
  // What was left of one that was killed could be a file with another mode, or a link.
  await rm(draft, { force: true });
  await writeFile(draft, text, { mode, flag: "wx" });
  await rename(draft, path);
}

/** Copies a folder to where none is, whole or not at all. */
export async function copyWhole(from: string, to: string): Promise<void> {
  const draft = `${to}.new`;
  await rm(draft, { recursive: true, force: true });
  await cp(from, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, to);
}
