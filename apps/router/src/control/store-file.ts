import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Stores a text so that a crash or power cut at any instant leaves either the old one or this one. Its owner's only. */
export async function storeFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
