import { createWriteStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { type Entry, open, type ZipFile as OpenedZip } from "yauzl";
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

/** Unpacks an archive into a folder; a name that leads out of it is refused by the reader. */
export async function unzipInto(archive: string, folder: string): Promise<void> {
  const zip = await promisify<string, { lazyEntries: true }, OpenedZip>(open)(archive, { lazyEntries: true });
  const contents = promisify<Entry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip) as never);
  await new Promise<void>((resolve, reject) => {
    const take = async (entry: Entry): Promise<void> => {
      const path = join(folder, entry.fileName);
      if (entry.fileName.endsWith("/")) {
        await mkdir(path, { recursive: true });
      } else {
        await mkdir(dirname(path), { recursive: true });
        await pipeline(await contents(entry), createWriteStream(path));
      }
      zip.readEntry();
    };
    zip.on("entry", (entry: Entry) => void take(entry).catch(reject));
    zip.once("end", resolve);
    zip.once("error", reject);
    zip.readEntry();
  });
}
