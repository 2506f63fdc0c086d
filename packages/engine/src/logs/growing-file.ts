import { stat } from "node:fs/promises";
import type { LogBytes } from "./log-bytes.ts";
import { openLogBytes } from "./open-log-bytes.ts";

/** What is read at once. Small, so that a viewer of a flood lets the one who writes the log have its turn in between. */
const blockBytes = 64 * 1024;
const newline = 0x0a;

/** A line longer than this is shown in part: a service may write without ever ending a line. */
const longestLine = 64 * 1024;

/** One line of a file, and where the next begins. */
export interface FileLine {
  readonly offset: number;
  readonly next: number;
  readonly line: string;
}

/** A file that may grow, be cut short or be replaced by a new one while it is read. */
export class GrowingFile {
  private readonly path: string;
  private handle: LogBytes | undefined;
  /** Where reading goes on; the bytes of the line that is not yet whole are before it. */
  private position: number;
  private lineStart: number;
  private partial: Buffer[] = [];
  private partialBytes = 0;

  constructor(path: string, from = 0) {
    this.path = path;
    this.position = from;
    this.lineStart = from;
  }

  /** The lines that are whole now; with `last` also what stands after the last line end. */
  async *lines(last: boolean): AsyncGenerator<FileLine> {
    await this.reopen();
    if (this.handle !== undefined) {
      const chunk = Buffer.allocUnsafe(blockBytes);
      for (;;) {
        const bytesRead = await this.handle.read(chunk, blockBytes, this.position);
        if (bytesRead === 0) break;
        const bytes = chunk.subarray(0, bytesRead);
        let from = 0;
        for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
          const next = this.position + end + 1;
          if (this.partialBytes === 0 && end - from <= longestLine) {
            // Nearly all lines lie whole in what was read: no copy of their bytes is needed.
            const offset = this.lineStart;
            this.lineStart = next;
            yield { offset, next, line: bytes.toString("utf8", from, end) };
          } else {
            this.keep(bytes.subarray(from, end));
            yield this.take(next);
          }
          from = end + 1;
        }
        this.keep(bytes.subarray(from));
        this.position += bytesRead;
      }
    }
    if (last && this.position > this.lineStart) yield this.take(this.position);
  }

  /** Whether all bytes up to here were read. */
  hasReached(offset: number): boolean {
    return this.position >= offset;
  }

  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
  }

  private keep(part: Buffer): void {
    if (this.partialBytes < longestLine && part.length > 0) {
      this.partial.push(Buffer.from(part.subarray(0, longestLine - this.partialBytes)));
    }
    this.partialBytes += part.length;
  }

  private take(next: number): FileLine {
    const text = this.partial.length === 1 ? this.partial[0]?.toString() : Buffer.concat(this.partial).toString();
    const line = this.partialBytes > longestLine ? `${text ?? ""} … [line cut]` : (text ?? "");
    const taken = { offset: this.lineStart, next, line };
    this.startAt(next);
    return taken;
  }

  private startAt(offset: number): void {
    this.lineStart = offset;
    this.partial = [];
    this.partialBytes = 0;
  }

  /** Goes on at the beginning when another file took the place, or when this one was emptied. */
  private async reopen(): Promise<void> {
    if (this.handle === undefined) {
      this.handle = await openLogBytes(this.path);
      return;
    }
    const found = await stat(this.path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== "ENOENT") throw thrown;
    });
    // There is none between the moving away and the new file, and after a compression; what is open can still be read.
    if (found === undefined) return;
    const replaced = this.handle.inode !== found.ino;
    // The rest of the old file comes first.
    if (replaced && (await this.handle.size()) > this.position) return;
    if (replaced) {
      await this.close();
      this.handle = await openLogBytes(this.path);
    }
    if (replaced || found.size < this.position) {
      this.position = 0;
      this.startAt(0);
    }
  }
}

/** Where the last so many lines of a file begin; 0 when it has fewer or is not there. */
export async function offsetOfLastLines(path: string, count: number): Promise<number> {
  const handle = await openLogBytes(path);
  if (handle === undefined) return 0;
  try {
    const size = await handle.size();
    if (count === 0) return size;
    const chunk = Buffer.allocUnsafe(blockBytes);
    let missing = count;
    for (let end = size; end > 0;) {
      // Blocks begin at multiples of their size, so that each lies within one member of a compressed log.
      const begin = Math.floor((end - 1) / blockBytes) * blockBytes;
      const bytesRead = await handle.read(chunk, end - begin, begin);
      // The line end at the very end of the file closes the last line and opens none.
      const from = end === size ? bytesRead - 2 : bytesRead - 1;
      for (let at = lastNewline(chunk, from); at >= 0; at = lastNewline(chunk, at - 1)) {
        if (--missing === 0) return begin + at + 1;
      }
      end = begin;
    }
    return 0;
  } finally {
    await handle.close();
  }
}

// A negative offset would count from the end of the buffer.
const lastNewline = (chunk: Buffer, from: number): number => (from < 0 ? -1 : chunk.lastIndexOf(newline, from));
