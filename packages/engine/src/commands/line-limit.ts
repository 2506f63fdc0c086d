const newline = 0x0a;
const mark = Buffer.from(" … [line cut]");

/**
 * Cuts lines that are longer than this many bytes and says so where it did. It works on masked text: cut before, half a
 * secret would no longer be recognised. A character of several bytes is not cut in two.
 */
export class LineLimit {
  private readonly limit: number;
  private length = 0;
  private cutting = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  push(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    for (let from = 0; from < chunk.length;) {
      const short = this.cutting ? 0 : this.shortLines(chunk, from);
      if (short > 0) {
        out.push(chunk.subarray(from, from + short));
        from += short;
        continue;
      }
      const found = chunk.indexOf(newline, from);
      const end = found < 0 ? chunk.length : found;
      this.line(chunk.subarray(from, end), out);
      if (found >= 0) {
        out.push(chunk.subarray(found, found + 1));
        this.length = 0;
        this.cutting = false;
      }
      from = end + 1;
    }
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }

  /** How many bytes surely hold no line that is too long, found without looking at each line. */
  private shortLines(chunk: Buffer, from: number): number {
    const room = this.limit - this.length;
    const rest = chunk.length - from;
    const last = room <= 0 ? -1 : chunk.lastIndexOf(newline, from + Math.min(room, rest) - 1);
    if (rest <= room) {
      this.length = last >= from ? chunk.length - last - 1 : this.length + rest;
      return rest;
    }
    if (last < from) return 0;
    this.length = 0;
    return last + 1 - from;
  }

  private line(part: Buffer, out: Buffer[]): void {
    if (this.cutting || part.length === 0) return;
    let kept = Math.min(part.length, Math.max(0, this.limit - this.length));
    while (kept < part.length && isContinuation(part[kept]!) && this.length + kept < this.limit + 3) kept++;
    this.cutting = kept < part.length;
    out.push(part.subarray(0, kept));
    this.length += kept;
    if (this.cutting) out.push(mark);
  }
}

/** Whether a byte is a later part of a UTF-8 character. */
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
