const star = Buffer.from("***");

/** A half-open span of bytes. */
type Span = readonly [start: number, end: number];

/**
 * Replaces every occurrence of any of the given texts in a stream of bytes by `***`; what overlaps or touches becomes
 * one. The output depends on the bytes alone and never on how they were cut into chunks.
 *
 * An Aho-Corasick automaton: after each byte its state is the longest end of the stream that is the beginning of some
 * needle, so exactly that many bytes are held back and everything before them is final. Children are chained lists and
 * not a table of 256, because a private key with all its spellings makes some 85,000 states.
 */
export class Masker {
  private readonly needles: Needles;
  private state = 0;
  /** The bytes that may still turn out to be part of a match. */
  private held: Buffer = Buffer.alloc(0);
  /** Matches that begin within the held bytes; a longer one that begins before them may come. */
  private pending: Span[] = [];
  /** How many of the held bytes belong to a `***` that is written already. */
  private covered = 0;
  /** Whether the last thing written was a `***`, so that a match that touches it adds nothing. */
  private touching = false;

  constructor(needles: readonly string[]) {
    this.needles = new Needles(needles);
  }

  /** What can be shown now that these bytes came. */
  push(chunk: Uint8Array): Buffer {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.needles.size === 0) return bytes;
    const text = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    this.find(text, this.held.length);
    return this.show(text, text.length - this.needles.depthOf(this.state));
  }

  /** The rest, when no more bytes come. */
  end(): Buffer {
    return this.show(this.held, this.held.length);
  }

  private find(text: Buffer, from: number): void {
    const { root, child, sibling, byte, fallback, match } = this.needles;
    let state = this.state;
    const length = text.length;
    for (let at = from; at < length; at++) {
      // Most bytes of a log begin no needle.
      if (state === 0) while (at < length && root[text[at]!] === 0) at++;
      if (at >= length) break;
      const wanted = text[at]!;
      for (;;) {
        if (state === 0) {
          state = root[wanted]!;
          break;
        }
        let next = child[state]!;
        while (next !== 0 && byte[next] !== wanted) next = sibling[next]!;
        if (next !== 0) {
          state = next;
          break;
        }
        state = fallback[state]!;
      }
      if (match[state] !== 0) this.add(at + 1 - match[state]!, at + 1);
    }
    this.state = state;
  }

  /** A later match may begin before earlier ones, since a longer needle ends later. */
  private add(start: number, end: number): void {
    let from = start;
    for (let last = this.pending.at(-1); last !== undefined && last[1] >= from; last = this.pending.at(-1)) {
      from = Math.min(from, last[0]);
      this.pending.pop();
    }
    this.pending.push([from, end]);
  }

  /** Writes what lies before `final` and keeps the rest. */
  private show(text: Buffer, final: number): Buffer {
    const out: Buffer[] = [];
    let shown = this.covered;
    let taken = 0;
    for (const [start, end] of this.pending) {
      if (start >= final) break;
      taken++;
      if (start > shown) {
        out.push(text.subarray(shown, start), star);
      } else if (!this.touching) {
        out.push(star);
      }
      this.touching = true;
      shown = Math.max(shown, end);
    }
    if (final > shown) {
      out.push(text.subarray(shown, final));
      this.touching = false;
      shown = final;
    }
    this.pending = this.pending.slice(taken).map(([start, end]): Span => [start - final, end - final]);
    this.covered = shown - final;
    this.held = Buffer.from(text.subarray(final));
    return Buffer.concat(out);
  }
}

/** The needles as a trie with failure links. State 0 is the root, and stands for "none" in the links. */
class Needles {
  readonly root: Int32Array = new Int32Array(256);
  readonly child: Int32Array;
  readonly sibling: Int32Array;
  readonly byte: Uint8Array;
  /** The state of the longest proper end that is the beginning of some needle. */
  readonly fallback: Int32Array;
  /** The length of the longest needle that ends in a state, 0 for none. */
  readonly match: Int32Array;
  private readonly depth: Int32Array;
  /** States without the root; 0 when there is nothing to look for. */
  size = 0;

  constructor(needles: readonly string[]) {
    const all = needles.map((needle) => Buffer.from(needle));
    const most = all.reduce((sum, needle) => sum + needle.length, 1);
    this.child = new Int32Array(most);
    this.sibling = new Int32Array(most);
    this.byte = new Uint8Array(most);
    this.fallback = new Int32Array(most);
    this.match = new Int32Array(most);
    this.depth = new Int32Array(most);
    for (const needle of all) this.insert(needle);
    this.link();
  }

  depthOf(state: number): number {
    return this.depth[state]!;
  }

  private insert(needle: Buffer): void {
    let state = 0;
    for (const byte of needle) state = this.step(state, byte) || this.grow(state, byte);
    if (state !== 0) this.match[state] = needle.length;
  }

  private step(state: number, byte: number): number {
    if (state === 0) return this.root[byte]!;
    let next = this.child[state]!;
    while (next !== 0 && this.byte[next] !== byte) next = this.sibling[next]!;
    return next;
  }

  private grow(parent: number, byte: number): number {
    const state = ++this.size;
    this.byte[state] = byte;
    this.depth[state] = this.depth[parent]! + 1;
    if (parent === 0) {
      this.root[byte] = state;
    } else {
      this.sibling[state] = this.child[parent]!;
      this.child[parent] = state;
    }
    return state;
  }

  /** Breadth first, so that the links of all shorter states are there. */
  private link(): void {
    const queue = [...this.root].filter((state) => state !== 0);
    for (let at = 0; at < queue.length; at++) {
      const state = queue[at]!;
      if (this.match[state] === 0) this.match[state] = this.match[this.fallback[state]!]!;
      for (let next = this.child[state]!; next !== 0; next = this.sibling[next]!) {
        let fallback = this.fallback[state]!;
        let found = this.step(fallback, this.byte[next]!);
        while (found === 0 && fallback !== 0) {
          fallback = this.fallback[fallback]!;
          found = this.step(fallback, this.byte[next]!);
        }
        this.fallback[next] = found;
        queue.push(next);
      }
    }
  }
}
