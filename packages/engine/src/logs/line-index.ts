import { type FileHandle, open, stat } from "node:fs/promises";
import type { LogBytes } from "./log-bytes.ts";
import { openLogBytes } from "./open-log-bytes.ts";

/**
 * Beside a log `x.log` stands `x.log.lines`: for every 64 KiB of the log eight bytes that say how many line ends are
 * before. It depends on the log's bytes alone, so writing it again changes nothing, and what is missing at its end is
 * counted in the log itself.
 */
const lineIndexOf = (log: string): string => `${log}.lines`;

const blockBytes = 64 * 1024;
const recordBytes = 8;
const newline = 0x0a;

/** Writes how many lines there are up to each block of a log. */
export class LineIndexWriter {
  private readonly file: FileHandle;
  private counted = 0;
  private lines = 0;

  private constructor(file: FileHandle) {
    this.file = file;
  }

  static async open(log: string): Promise<LineIndexWriter> {
    const path = lineIndexOf(log);
    await (await open(path, "a", 0o644)).close();
    return new LineIndexWriter(await open(path, "r+"));
  }

  /** The log's next bytes, which are in the log already. */
  async push(bytes: Buffer): Promise<void> {
    const first = Math.floor(this.counted / blockBytes);
    const records: number[] = [];
    for (let from = 0; from < bytes.length;) {
      const to = Math.min(bytes.length, from + blockBytes - (this.counted % blockBytes));
      this.lines += countNewlines(bytes.subarray(from, to));
      this.counted += to - from;
      from = to;
      if (this.counted % blockBytes === 0) records.push(this.lines);
    }
    if (records.length === 0) return;
    const written = Buffer.alloc(records.length * recordBytes);
    for (const [at, lines] of records.entries()) written.writeUIntLE(lines, at * recordBytes, 6);
    await this.file.write(written, 0, written.length, first * recordBytes);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** A place in a log: an offset and the number, from 1, of the line that begins there. */
export interface LinePlace {
  readonly offset: number;
  readonly line: number;
}

/** Where a line begins; behind the last line it is the end, with the number that the next line would get. */
export async function placeOfLine(log: string, line: number): Promise<LinePlace> {
  return search(log, (lines) => lines < line - 1, line - 1, Infinity);
}

/** The number of the line that the byte at an offset belongs to, and how far the log goes at least. */
export async function lineAt(log: string, offset: number): Promise<number> {
  return (await search(log, (_lines, end) => end <= offset, Infinity, offset)).line;
}

/** Whether numbers of lines can be told without reading the whole log. */
export const hasLineIndex = (log: string): Promise<boolean> =>
  stat(lineIndexOf(log)).then(
    () => true,
    () => false, // it is only slower without
  );

/** Skips blocks by the index as long as they are before what is wanted, and counts the rest in the log itself. */
async function search(
  log: string,
  isBefore: (lines: number, end: number) => boolean,
  lineEnds: number,
  until: number,
): Promise<LinePlace> {
  if (lineEnds <= 0 || until <= 0) return { offset: 0, line: 1 };
  const bytes = await openLogBytes(log);
  if (bytes === undefined) return { offset: 0, line: 1 };
  try {
    const counts = await countsOf(log, await bytes.size());
    let block = 0;
    // Halving: the counts and the ends both only grow.
    for (let high = counts.length; block < high;) {
      const middle = (block + high) >> 1;
      if (isBefore(counts[middle]!, (middle + 1) * blockBytes)) block = middle + 1;
      else high = middle;
    }
    return await scan(bytes, block * blockBytes, block === 0 ? 0 : counts[block - 1]!, lineEnds, until);
  } finally {
    await bytes.close();
  }
}

async function scan(
  bytes: LogBytes,
  from: number,
  before: number,
  lineEnds: number,
  until: number,
): Promise<LinePlace> {
  const chunk = Buffer.allocUnsafe(4 * blockBytes);
  let lines = before;
  for (let at = from; at < until;) {
    const read = await bytes.read(chunk, Math.min(chunk.length, until - at), at);
    if (read === 0) return { offset: at, line: lines + 1 };
    const seen = chunk.subarray(0, read);
    const here = countNewlines(seen);
    if (lines + here < lineEnds) {
      lines += here;
      at += read;
      continue;
    }
    for (let end = seen.indexOf(newline); end >= 0; end = seen.indexOf(newline, end + 1))
      if (++lines === lineEnds) return { offset: at + end + 1, line: lines + 1 };
  }
  return { offset: until, line: lines + 1 };
}

/** The records for whole blocks of a log of this size; none when it has no index. */
async function countsOf(log: string, size: number): Promise<readonly number[]> {
  const file = await open(lineIndexOf(log), "r").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "ENOENT") throw thrown;
  });
  if (file === undefined) return [];
  try {
    const found = await file.readFile();
    const records = Math.min(Math.floor(found.length / recordBytes), Math.floor(size / blockBytes));
    const counts: number[] = [];
    for (let at = 0; at < records; at++) {
      const count = found.readUIntLE(at * recordBytes, 6);
      // After a power cut a part of the index may never have reached the disk; from there on the log is counted.
      if (count < (counts[at - 1] ?? 0)) break;
      counts.push(count);
    }
    return counts;
  } finally {
    await file.close();
  }
}

/** How many line ends there are, four bytes at a time: a search for each of a million lines takes thrice as long. */
export function countNewlines(bytes: Buffer): number {
  let count = 0;
  let at = 0;
  for (; at < bytes.length && (bytes.byteOffset + at) % 4 !== 0; at++) if (bytes[at] === newline) count++;
  // An empty view at an odd place would throw.
  const words = new Int32Array(bytes.buffer, at < bytes.length ? bytes.byteOffset + at : 0, (bytes.length - at) >> 2);
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    // A byte of the result has its highest bit set where the byte of the word is a line end.
    const other = word ^ 0x0a0a0a0a;
    const ends = ~(((other & 0x7f7f7f7f) + 0x7f7f7f7f) | other) & 0x80808080;
    if (ends !== 0) count += Math.imul(ends >>> 7, 0x01010101) >>> 24;
  }
  for (at += words.length * 4; at < bytes.length; at++) if (bytes[at] === newline) count++;
  return count;
}
