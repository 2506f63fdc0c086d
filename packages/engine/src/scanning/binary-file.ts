import { Readable } from "node:stream";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { open as openZip } from "yauzl";
import type { LogBytes } from "../logs/log-bytes.ts";
import type { KnownHit } from "./known-values.ts";
import type { Finding, ScanParts } from "./scan-text.ts";

/** What became of a file that is no text. */
export interface BinaryScanned {
  readonly bytes: number;
  /** Something in it could not be read: an archive that is locked, broken or larger than anybody unpacks. */
  readonly unread: boolean;
}

/** So much of one archive is unpacked, so that a small file cannot keep a machine busy. */
const mostUnpacked = 512 * 1024 ** 2;
const part = 1024 ** 2;
const overlap = 4096;

/**
 * Looks for known values in a file that is no text, also in what a gzip or a zip holds, one deep. How keys look is not asked: in
 * bytes everything looks like a key somewhere. Nothing is unpacked to the disk. Closes the source.
 */
export async function scanBinary(
  parts: ScanParts,
  { source, file, path }: { readonly source: LogBytes; readonly file: string | null; readonly path: string },
  findings: Finding[],
): Promise<BinaryScanned> {
  try {
    const head = Buffer.alloc(4);
    await source.read(head, 4, 0);
    const plain = await search(parts, partsOf(source), path, findings);
    const within = head.readUInt16BE(0) === 0x1f8b ? gunzipped(source) : null;
    let unread = false;
    try {
      if (within !== null) await search(parts, limited(within), path, findings);
      if (file !== null && head.readUInt32BE(0) === 0x504b0304) await searchZip(parts, file, path, findings);
    } catch {
      // It is what its first bytes say or it is not: either way it is told that nobody has seen all of it.
      unread = true;
    }
    return { bytes: plain, unread };
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

/** Ends with its reader: what is read no further is closed. */
async function* gunzipped(source: LogBytes): AsyncGenerator<Buffer> {
  const packed = Readable.from(partsOf(source));
  const plain = createGunzip();
  packed.on("error", (thrown) => plain.destroy(thrown));
  try {
    yield* packed.pipe(plain) as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    plain.destroy();
  }
}

async function* limited(chunks: AsyncIterable<Buffer>, room = { left: mostUnpacked }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    room.left -= chunk.length;
    if (room.left < 0) throw new RangeError("more is in it than is unpacked");
    yield chunk;
  }
}

async function searchZip(parts: ScanParts, file: string, path: string, findings: Finding[]): Promise<void> {
  const options = { lazyEntries: true, autoClose: false };
  const zip = await promisify<string, typeof options, ZipFile>(openZip)(file, options);
  const room = { left: mostUnpacked };
  try {
    for (;;) {
      const entry = await nextOf(zip);
      if (entry === null) return;
      const stream = await promisify<Entry, Readable>(zip.openReadStream.bind(zip))(entry);
      await search(parts, limited(stream as AsyncIterable<Buffer>, room), `${path}!${entry.fileName}`, findings);
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
