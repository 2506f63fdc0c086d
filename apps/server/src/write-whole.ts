import { rename, writeFile } from "node:fs/promises";

/** Writes a file of its owner's so that a crash at any instant leaves either the old one or this one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, path);
}
