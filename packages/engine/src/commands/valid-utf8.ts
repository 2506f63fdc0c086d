import { isUtf8 } from "node:buffer";

/**
 * Makes a stream of bytes valid UTF-8, with a replacement character for what is not. Valid text, which is nearly all, is
 * passed on without being decoded.
 */
export class ValidUtf8 {
  private held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer {
    const text = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const whole = text.length - openEnd(text);
    this.held = Buffer.from(text.subarray(whole));
    return valid(text.subarray(0, whole));
  }

  end(): Buffer {
    return valid(this.held);
  }
}

const valid = (bytes: Buffer): Buffer => (isUtf8(bytes) ? bytes : Buffer.from(bytes.toString("utf8")));

/**
 * How many bytes at the end begin a character whose rest may still come. Cutting there changes nothing: a byte that
 * begins a character is never part of the one before, valid or not.
 */
function openEnd(text: Buffer): number {
  for (let back = 1; back <= Math.min(3, text.length); back++) {
    const byte = text[text.length - back] ?? 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

const lengthOf = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2);
