import { type FileHandle, open, stat } from "node:fs/promises";
import type { Millis, Timestamp } from "@fairway/core";
import { logPath } from "./log-path.ts";

/**
 * Beside a log `x.log` stands `x.log.index`: records of 32 bytes, each saying that what follows an offset was written
 * at a time, and one at the very end when no more will come. Logs themselves carry no times, so that their bytes are
 * the command's own.
 */
const indexPathOf = (log: string): string => `${log}.index`;

const recordBytes = 32;
/** Closer marks than this are left out: times in a log need no more, and ten hours of chatter stay at 11 MB. */
const closest: Millis = 100;

const format = (offset: number, at: Millis, kind: "+" | "."): string =>
  `${String(offset).padStart(15)} ${String(Math.round(at)).padStart(14)}${kind}\n`;

/** Writes the times of a log that grows. Marks for bytes that have one already are left out, so writing again is safe. */
export class LogIndexWriter {
  private readonly file: FileHandle;
  private lastOffset: number;
  private lastAt = 0;
  private ended: boolean;

  private constructor(file: FileHandle, last: LogMark | undefined) {
    this.file = file;
    this.lastOffset = last?.offset ?? -1;
    this.ended = last?.last ?? false;
  }

  static async open(log: string): Promise<LogIndexWriter> {
    const file = await open(indexPathOf(logPath(log)), "a+", 0o644);
    const { size } = await file.stat();
    // A record that a power cut left half written is cut off, or all later ones would stand askew.
    if (size % recordBytes !== 0) await file.truncate(size - (size % recordBytes));
    const whole = Math.floor(size / recordBytes);
    const { buffer } = await file.read(Buffer.alloc(recordBytes), 0, recordBytes, Math.max(0, whole - 1) * recordBytes);
    return new LogIndexWriter(file, whole === 0 ? undefined : parse(buffer.toString("latin1")));
  }

  /** Bytes from this offset on were written now. */
  async mark(offset: number, now: Millis = Date.now()): Promise<void> {
    if (this.ended || offset <= this.lastOffset || now - this.lastAt < closest) return;
    this.lastOffset = offset;
    this.lastAt = now;
    await this.file.write(format(offset, now, "+"));
  }

  /** No more bytes will come. */
  async end(offset: number, now: Millis = Date.now()): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    await this.file.write(format(offset, now, "."));
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

interface LogMark {
  readonly offset: number;
  readonly at: Millis;
  readonly last: boolean;
}

function parse(record: string): LogMark {
  return { offset: Number(record.slice(0, 15)), at: Number(record.slice(16, 30)), last: record[30] === "." };
}

/** The times of a log as far as they are known. */
export class LogTimes {
  private readonly path: string;
  private readonly offsets: number[] = [];
  private readonly times: Millis[] = [];
  private read = 0;
  /** The mark that was told last: from which offset to which, and its time. */
  private last: readonly [number, number, Timestamp | undefined] = [0, 0, undefined];
  /** Where the log ends for good; undefined while more may come. */
  end: number | undefined;

  constructor(log: string) {
    this.path = indexPathOf(log);
  }

  /** Takes in what was added since; a log without an index has no times. */
  async refresh(): Promise<void> {
    const found = await stat(this.path).catch(ifMissing);
    if (found === undefined || found.size - this.read < recordBytes) return;
    const file = await open(this.path, "r");
    try {
      const size = found.size - this.read - ((found.size - this.read) % recordBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, this.read);
      for (let at = 0; at + recordBytes <= bytesRead; at += recordBytes) {
        const mark = parse(buffer.toString("latin1", at, at + recordBytes));
        this.offsets.push(mark.offset);
        this.times.push(mark.at);
        if (mark.last) this.end = mark.offset;
        this.read += recordBytes;
      }
    } finally {
      await file.close();
    }
  }

  get known(): boolean {
    return this.offsets.length > 0;
  }

  /** When the byte at this offset was written; undefined when nobody noted it. Told as ISO 8601. */
  timeAt(offset: number): Timestamp | undefined {
    // Asked for each of many lines in turn, and most have the mark of the one before.
    const [begin, end, known] = this.last;
    if (offset >= begin && offset < end) return known;
    const mark = lastWhere(this.offsets, (at) => at <= offset);
    const time = this.times[mark];
    const told = time === undefined ? undefined : new Date(time).toISOString();
    // What comes behind the last mark may still get one.
    this.last = [this.offsets[mark] ?? 0, this.offsets[mark + 1] ?? 0, told];
    return told;
  }

  /** The first offset written at this time or later; undefined when there is none. */
  firstSince(time: Millis): number | undefined {
    return this.offsets[lastWhere(this.times, (known) => known < time) + 1];
  }
}

/** Notes the time in the index of a log that somebody else writes, so that `since` can be answered for it. */
export async function markLogTime(log: string): Promise<void> {
  const found = await stat(log).catch(ifMissing);
  if (found === undefined) return;
  const index = await LogIndexWriter.open(log);
  try {
    await index.mark(found.size);
  } finally {
    await index.close();
  }
}

function ifMissing(thrown: NodeJS.ErrnoException): undefined {
  if (thrown.code !== "ENOENT") throw thrown;
}

/** The last index of an ordered list whose value fits; -1 when none does. */
function lastWhere(list: readonly number[], fits: (value: number) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(list[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
