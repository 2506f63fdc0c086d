import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

/** Packs files by their paths below a root. */
export async function zipFiles(root: string, files: readonly string[], archive: string, level: number): Promise<void> {
  const zip = new ZipFile();
  for (const file of files) {
    const { mode } = await stat(file);
    zip.addFile(file, relative(root, file), { compress: level > 0, mode });
  }
  const written = pipeline(zip.outputStream, createWriteStream(archive));
  zip.end();
  await written;
}
