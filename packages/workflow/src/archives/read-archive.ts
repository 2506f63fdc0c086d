import { createReadStream } from "node:fs";
import { createGunzip, crc32 } from "node:zlib";
import { promisify } from "node:util";
import { Parser, type ReadEntry } from "tar";
import { type Entry as ZipEntry, open, type ZipFile } from "yauzl";
import type { ArchiveEntry } from "./archive-judge.ts";

/** One thing that is read, with what a file holds. */
export interface ReadEntryOf extends ArchiveEntry {
  /** Permissions, where the format keeps them. */
  readonly mode?: number;
  /** Where the format keeps it. */
  readonly modified?: Date | undefined;
  /** May be taken once. Throws {@link Unreadable} when it is not what it should be. */
  contents(): AsyncIterable<Buffer>;
}

/** The archive is broken, or it is none; the message ends a sentence that begins with it. */
export class Unreadable extends Error {}

/** What a path or a name that is longer may not be: it would have to be held in memory. */
const largestHeader = 64 * 1024;

/** Reads a gzipped tar. Each entry is told once the one before was taken care of; `unpacked` counts everything. */
export async function readTar(
  archive: string,
  take: (entry: ReadEntryOf) => Promise<void>,
  unpacked: (bytes: number) => void,
): Promise<void> {
  let fail: (cause: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  failed.catch(() => undefined); // It is always waited for beside something else.
  let taking: Promise<void> = Promise.resolve();
  const parser = new Parser({ strict: true, maxMetaEntrySize: largestHeader });
  parser.on("error", (cause: unknown) => fail(unreadable(cause)));
  parser.on("ignoredEntry", () => fail(new Unreadable("has a header that is too long")));
  parser.on("entry", (entry: ReadEntry) => {
    // The next one comes when this has ended, also where nothing of it was wanted.
    taking = taking.then(() => take(tarEntry(entry))).then(() => entry.resume());
    taking.catch(fail);
  });
  const source = createReadStream(archive);
  const plain = source.pipe(createGunzip());
  source.on("error", (cause) => plain.destroy(cause));
  const ended = new Promise<void>((resolve) => parser.on("end", () => resolve()));
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      unpacked(chunk.length);
      if (!parser.write(chunk)) {
        const drained = new Promise<void>((resolve) => void parser.once("drain", () => resolve()));
        await Promise.race([drained, failed]);
      }
    }
    parser.end();
    await Promise.race([ended, failed]);
    await Promise.race([taking, failed]);
  } catch (cause) {
    throw unreadable(cause);
  } finally {
    source.destroy();
    plain.destroy();
  }
}

const tarKinds: Readonly<Record<string, ArchiveEntry["kind"]>> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  Directory: "directory",
  GNUDumpDir: "directory",
  SymbolicLink: "link",
  Link: "hard-link",
};

const tarEntry = (entry: ReadEntry): ReadEntryOf => ({
  path: entry.path,
  kind: tarKinds[entry.type] ?? "other",
  leadsTo: entry.linkpath,
  ...(entry.mode === undefined ? {} : { mode: entry.mode & 0o777 }),
  modified: entry.mtime,
  contents: () => entry,
});

/** Reads a zip. Each entry is told once the one before was taken care of. */
export async function readZip(archive: string, take: (entry: ReadEntryOf) => Promise<void>): Promise<void> {
  const options = { lazyEntries: true, strictFileNames: true } as const;
  let zip: ZipFile;
  try {
    zip = await promisify<string, typeof options, ZipFile>(open)(archive, options);
  } catch (cause) {
    throw unreadable(cause);
  }
  try {
    await new Promise<void>((resolve, reject) => {
      zip.on("entry", (entry: ZipEntry) => {
        take(zipEntry(zip, entry)).then(() => zip.readEntry(), reject);
      });
      zip.once("end", resolve);
      zip.once("error", (cause) => reject(unreadable(cause)));
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
}

function zipEntry(zip: ZipFile, entry: ZipEntry): ReadEntryOf {
  const unix = (entry.externalFileAttributes >>> 16) & 0o170_000;
  const named = entry.fileName.endsWith("/");
  const kind = unix === 0o120_000 ? "link" : named || unix === 0o040_000 ? "directory" : "file";
  return {
    path: entry.fileName,
    // Made on a system that is not Unix it tells nothing.
    kind: unix === 0 || unix === 0o100_000 || kind !== "file" ? kind : "other",
    contents: () => zipContents(zip, entry),
  };
}

async function* zipContents(zip: ZipFile, entry: ZipEntry): AsyncGenerator<Buffer> {
  try {
    const stream = await promisify<ZipEntry, NodeJS.ReadableStream>(zip.openReadStream.bind(zip) as never)(entry);
    let sum = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (sum !== entry.crc32) throw new Unreadable(`has other bytes than it says for ${entry.fileName}`);
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** Whatever the libraries complain about is the archive's fault, unless the system complains. */
function unreadable(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Unreadable(`cannot be read: ${String(cause)}`);
  const isOurs = cause instanceof Unreadable || "syscall" in cause || "refusal" in cause;
  return isOurs ? cause : new Unreadable(`cannot be read: ${cause.message}`, { cause });
}
