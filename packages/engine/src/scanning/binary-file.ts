import { Readable } from "node:stream";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { fromBuffer, open as openZip } from "yauzl";
import type { LogBytes } from "../logs/log-bytes.ts";
import { archiveKindOf, headSize } from "./archive-kind.ts";
import type { ArchiveKind } from "./archive-kind.ts";
import type { KnownHit } from "./known-values.ts";
import type { Finding, ScanParts } from "./scan-text.ts";
import type { TarReader } from "./tar-reader.ts";
import { tarReader } from "./tar-reader.ts";

/** What became of a file that is no text. */
export interface BinaryScanned {
  readonly bytes: number;
  /** Something in it could not be read: an archive that is locked, broken or larger than anybody unpacks. */
  readonly unread: boolean;
}

/** So much of one archive is unpacked, so that a small file cannot keep a machine busy. */
const mostUnpacked = 512 * 1024 ** 2;
/** An archive within one is held in memory up to this size. */
const mostHeld = 64 * 1024 ** 2;
/** How deep archives are looked into: a gzip in a zip is two deep, and a tar that is gzipped is one. */
const mostDeep = 3;
const part = 1024 ** 2;
const overlap = 4096;

/** What all archives of one file share. */
interface Unpacking {
  left: number;
  unread: boolean;
}

/**
 * Looks for known values in a file that is no text, also in what a gzip, a zip or a tar holds, and those within it. How keys
 * look is not asked: in bytes everything looks like a key somewhere. Nothing is unpacked to the disk. Closes the source.
 */
export async function scanBinary(
  parts: ScanParts,
  { source, file, path }: { readonly source: LogBytes; readonly file: string | null; readonly path: string },
  findings: Finding[],
): Promise<BinaryScanned> {
  try {
    const head = Buffer.alloc(headSize);
    const kind = archiveKindOf(head.subarray(0, await source.read(head, headSize, 0)));
    const state: Unpacking = { left: mostUnpacked, unread: kind === "other" || (kind === "zip" && file === null) };
    const look = { parts, findings, state, path, deep: 1 };
    // A tar is looked into while its bytes go by; the others are read again.
    const inner = kind === "tar" ? archiveWithin({ ...look, deep: 0 }, null) : null;
    const bytes = await search(parts, passing(partsOf(source), inner), path, findings);
    await inner?.end();
    if (kind === "gzip") await lookInto(look, () => searchWithin(look, gunzipped(partsOf(source)), kind));
    if (kind === "zip" && file !== null) await lookInto(look, () => searchZip(look, openZip, file));
    return { bytes, unread: state.unread };
  } finally {
    await source.close();
  }
}

async function* partsOf(source: LogBytes): AsyncGenerator<Buffer> {
  for (let at = 0; ;) {
    const buffer = Buffer.alloc(part);
    const read = await source.read(buffer, part, at);
    if (read === 0) return;
    yield buffer.subarray(0, read);
    at += read;
  }
}

/** Where somebody looks, and how deep in archives that is. */
interface Look {
  readonly parts: ScanParts;
  readonly findings: Finding[];
  readonly state: Unpacking;
  readonly path: string;
  readonly deep: number;
}

/** It is what its first bytes say or it is not: either way it is told when nobody has seen all of it. */
const lookInto = ({ state }: Look, searching: () => Promise<void>): Promise<void> =>
  searching().catch(() => void (state.unread = true));

/** Searches what an archive holds; where that is an archive again it is looked into too. */
async function searchWithin(look: Look, chunks: AsyncIterable<Buffer>, of: ArchiveKind): Promise<void> {
  const inner = archiveWithin(look, of);
  await search(look.parts, passing(limited(chunks, look.state), inner), look.path, look.findings);
  await inner.end();
}

/** Is given what something holds that may be an archive. */
interface Within {
  take(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

/** Looks into what goes by where it is an archive: into a tar at once, and into another, which is held, at its end. */
function archiveWithin(look: Look, of: ArchiveKind | null): Within {
  let head: Buffer | null = Buffer.alloc(0);
  let kind: ArchiveKind | null = null;
  let held: Buffer[] | null = [];
  let size = 0;
  let tar: TarReader | null = null;
  const inTar = (work: (reader: TarReader) => Promise<void>): Promise<void> =>
    tar === null
      ? Promise.resolve()
      : work(tar).catch(() => {
          tar = null;
          look.state.unread = true;
        });
  const begin = (first: Buffer): void => {
    [head, kind] = [null, archiveKindOf(first)];
    if (kind !== "tar") return;
    const inner = { ...look, deep: of === "gzip" ? look.deep : look.deep + 1 };
    if (inner.deep > mostDeep) look.state.unread = true;
    else
      tar = tarReader(
        (path, chunks) => lookBy(inner, path, chunks),
        () => void (look.state.unread = true),
      );
  };
  const go = async (chunk: Buffer): Promise<void> => {
    if (kind === "tar") return inTar((reader) => reader.write(chunk));
    size += chunk.length;
    if (size > mostHeld || kind === null || kind === "other") held = null;
    held?.push(chunk);
  };
  return {
    async take(chunk) {
      const first = head === null ? chunk : Buffer.concat([head, chunk]);
      if (head !== null && first.length < headSize) return void (head = first);
      if (head !== null) begin(first);
      await go(first);
    },
    async end() {
      if (head !== null) {
        const first = head;
        begin(first);
        await go(first);
      }
      if (kind === "tar") return inTar((reader) => reader.end());
      if (kind === null) return;
      const inner = { ...look, deep: look.deep + 1 };
      await lookInto(inner, async () => {
        if (held === null || inner.deep > mostDeep)
          throw new RangeError("more archives are in it than are looked into");
        const bytes = Buffer.concat(held);
        held = null;
        await (kind === "gzip" ? searchWithin(inner, gunzipped([bytes]), kind) : searchZip(inner, fromBuffer, bytes));
      });
    },
  };
}

/** What stands in a tar as it is was found with the tar: only what is an archive is looked into. */
async function lookBy(look: Look, path: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const inner = archiveWithin({ ...look, path: `${look.path}!${path}` }, "tar");
  for await (const chunk of chunks) await inner.take(chunk);
  await inner.end();
}

async function* passing(chunks: AsyncIterable<Buffer>, by: Within | null): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    await by?.take(chunk);
    yield chunk;
  }
}

/** Ends with its reader: what is read no further is closed. */
async function* gunzipped(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  const packed = Readable.from(chunks);
  const plain = createGunzip();
  packed.on("error", (thrown) => plain.destroy(thrown));
  try {
    yield* packed.pipe(plain) as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    plain.destroy();
  }
}

async function* limited(chunks: AsyncIterable<Buffer>, room: Unpacking): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    room.left -= chunk.length;
    if (room.left < 0) throw new RangeError("more is in it than is unpacked");
    yield chunk;
  }
}

const zipOptions = { lazyEntries: true, autoClose: false };

async function searchZip<From>(
  look: Look,
  open: (from: From, options: typeof zipOptions, done: (failed: Error | null, zip: ZipFile) => void) => void,
  from: From,
): Promise<void> {
  const zip = await promisify<From, typeof zipOptions, ZipFile>(open)(from, zipOptions);
  try {
    for (;;) {
      const entry = await nextOf(zip);
      if (entry === null) return;
      const stream = await promisify<Entry, Readable>(zip.openReadStream.bind(zip))(entry);
      await searchWithin({ ...look, path: `${look.path}!${entry.fileName}` }, stream as AsyncIterable<Buffer>, "zip");
    }
  } finally {
    zip.close();
  }
}

const nextOf = (zip: ZipFile): Promise<Entry | null> =>
  new Promise((resolve, reject) => {
    zip.removeAllListeners();
    zip.once("entry", resolve).once("end", () => resolve(null));
    zip.once("error", reject);
    zip.readEntry();
  });

/** Searches parts that overlap, so that nothing hides between two. There are no lines: all of it is told as the first. */
async function search(
  { known, nameOf }: ScanParts,
  chunks: AsyncIterable<Buffer>,
  path: string,
  findings: Finding[],
): Promise<number> {
  let [bytes, waiting, size] = [0, [] as Buffer[], 0];
  const look = (): void => {
    const together = Buffer.concat(waiting);
    for (const { credential, value } of knownInBytes(known, together))
      findings.push({ rule: "known-value", path, line: 1, fingerprint: nameOf(value), credential });
    const rest = together.subarray(Math.max(0, together.length - overlap));
    [waiting, size] = [[rest], rest.length];
  };
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    bytes += chunk.length;
    if (size >= part) look();
  }
  look();
  return bytes;
}

/** Values as they are, and with two bytes for each letter, as programs of Windows and Java have them. */
function knownInBytes(known: ScanParts["known"], bytes: Buffer): readonly KnownHit[] {
  const plain = bytes.toString("utf8");
  const letters = bytes.toString("latin1");
  // UTF-16 of letters is each with a zero beside it; single letters between zeros stay apart.
  const narrow = letters.replaceAll(/(?:[\x20-\x7e]\0){8,}/g, (wide) => wide.replaceAll("\0", ""));
  return narrow === letters ? known(plain) : [...known(plain), ...known(narrow)];
}
