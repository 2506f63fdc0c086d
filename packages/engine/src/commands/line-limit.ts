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
