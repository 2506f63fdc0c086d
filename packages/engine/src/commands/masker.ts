import { Needles } from "./needles.ts";

const star = Buffer.from("***");

/**
 * Replaces every occurrence of any of the given texts in a stream of bytes by `***`; what overlaps or touches becomes
 * one. The output depends on the bytes alone and never on how they were cut into chunks.
 *
 * Only an end of the stream that is the beginning of some needle is held back; everything before it is final, because a
 * match that is still to come can only begin there.
 */
export class Masker {
  private needles: Needles;
  private readonly known: Set<string>;
  /** The bytes that may still turn out to be part of a match. */
  private held: Buffer = Buffer.alloc(0);
  /** How many of the held bytes belong to a `***` that is written already. */
  private covered = 0;
  /** Whether the last thing written was a `***`, so that a match that touches it adds nothing. */
  private touching = false;

  constructor(needles: readonly string[]) {
    this.known = new Set(needles);
    this.needles = new Needles([...this.known]);
  }

  /** Looks for these texts too, from the bytes on that are not yet shown. What is known already changes nothing. */
  add(needles: readonly string[]): void {
    const before = this.known.size;
    for (const needle of needles) this.known.add(needle);
    if (this.known.size > before) this.needles = new Needles([...this.known]);
  }

  /** What can be shown now that these bytes came. It may be a view of them. */
  push(chunk: Uint8Array): Buffer {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const text = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    return this.show(text, this.needles.openEnd(text));
  }

  /** The rest, when no more bytes come. */
  end(): Buffer {
    return this.show(this.held, this.held.length);
  }

  /** Writes what lies before `final` and keeps the rest. */
  private show(text: Buffer, final: number): Buffer {
    const spans = this.needles.find(text);
    const out: Buffer[] = [];
    let shown = this.covered;
    for (let at = 0; at < spans.length; at += 2) {
      const start = spans[at]!;
      if (start >= final) break;
      if (start > shown) {
        out.push(text.subarray(shown, start), star);
      } else if (!this.touching) {
        out.push(star);
      }
      this.touching = true;
      shown = Math.max(shown, spans[at + 1]!);
    }
    if (final > shown) {
      out.push(text.subarray(shown, final));
      this.touching = false;
      shown = final;
    }
    this.covered = shown - final;
    this.held = final === text.length ? Buffer.alloc(0) : Buffer.from(text.subarray(final));
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }
}
