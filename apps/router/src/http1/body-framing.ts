/** `feed` took all bytes and the body goes on. */
export const goesOn = -1;
/** `feed` met bytes that are not a body. */
export const broken = -2;

/** Finds where a body ends without decoding it, so that its bytes can be passed on as they came. */
export interface BodyFraming {
  /** The index just after the body's last byte, `goesOn`, or `broken`. */
  feed(bytes: Buffer, from: number): number;
  /** Whether a body that was ended here could still be closed properly. */
  readonly atBorder: boolean;
}

/** A body of a known number of bytes. */
export class CountedBody implements BodyFraming {
  readonly atBorder = false;
  private left: number;

  constructor(length: number) {
    this.left = length;
  }

  feed(bytes: Buffer, from: number): number {
    const here = bytes.length - from;
    if (here < this.left) {
      this.left -= here;
      return goesOn;
    }
    const end = from + this.left;
    this.left = 0;
    return end;
  }
}

/** An answer that ends when its connection does. */
export class BodyUntilClose implements BodyFraming {
  readonly atBorder = true;
  private readonly seen: ((bytes: Buffer, from: number, to: number) => void) | undefined;

  constructor(seen?: (bytes: Buffer, from: number, to: number) => void) {
    this.seen = seen;
  }

  feed(bytes: Buffer, from: number): number {
    this.seen?.(bytes, from, bytes.length);
    return goesOn;
  }
}
