/** Follows WebSocket frames by their lengths, to know where one ends and another may be put in. */
export class FrameBorder {
  atBorder = true;
  private payloadLeft = 0;
  private readonly head = Buffer.alloc(14);
  private headBytes = 0;

  /** Reads on; with `stopAtBorder` only to the end of the current frame. Returns the index that was reached. */
  feed(bytes: Buffer, stopAtBorder = false): number {
    let i = 0;
    while (i < bytes.length && !(stopAtBorder && this.atBorder)) {
      this.atBorder = false;
      if (this.payloadLeft > 0) {
        const taken = Math.min(this.payloadLeft, bytes.length - i);
        this.payloadLeft -= taken;
        i += taken;
        if (this.payloadLeft === 0) this.atBorder = true;
        continue;
      }
      this.head[this.headBytes++] = bytes[i++] as number;
      if (this.headBytes >= 2 && this.headBytes === this.headLength()) {
        this.payloadLeft = this.payloadLength();
        this.headBytes = 0;
        this.atBorder = this.payloadLeft === 0;
      }
    }
    return i;
  }

  private headLength(): number {
    const second = this.head[1] as number;
    const short = second & 0x7f;
    return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
  }

  private payloadLength(): number {
    const short = (this.head[1] as number) & 0x7f;
    if (short === 126) return this.head.readUInt16BE(2);
    return short === 127 ? Number(this.head.readBigUInt64BE(2)) : short;
  }
}

/** A close frame as a server sends it. 1012 is "service restart": clients connect again. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  const frame = Buffer.alloc(4 + text.length);
  frame[0] = 0x88;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}

/** A close frame as a client sends it, masked with zeros as that changes nothing. */
export function maskedCloseFrame(code: number): Buffer {
  const frame = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0, 0]);
  frame.writeUInt16BE(code, 6);
  return frame;
}
