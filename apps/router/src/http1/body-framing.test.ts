import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broken, CountedBody, goesOn, type BodyFraming } from "./body-framing.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { EventBorder } from "./event-border.ts";
import { closeFrame, FrameBorder, maskedCloseFrame } from "./websocket-frames.ts";

/** Feeds bytes in parts cut at the given places; returns the end in the whole. */
function feedInParts(body: BodyFraming, bytes: Buffer, cuts: readonly number[]): number {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    const end = body.feed(bytes.subarray(from, to), 0);
    if (end === broken) return broken;
    if (end !== goesOn) return from + end;
    from = to;
  }
  return goesOn;
}

const chunked = (trailers = false): ChunkedBody => new ChunkedBody({ trailers });
const cuts = fc.array(fc.nat(), { maxLength: 8 });

describe("a chunked body", () => {
  it("ends at the same byte however it is cut into parts, and shows its data once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })),
        cuts,
        fc.uint8Array(),
        (chunks, at, after) => {
          const parts = chunks.flatMap((data) => [
            Buffer.from(`${data.length.toString(16)};a=b\r\n`),
            data,
            Buffer.from("\r\n"),
          ]);
          const whole = Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
          const seen: number[] = [];
          const body = new ChunkedBody({
            trailers: false,
            seen: (bytes, from, to) => seen.push(...bytes.subarray(from, to)),
          });
          expect(feedInParts(body, Buffer.concat([whole, after]), at)).toBe(whole.length);
          expect(seen).toEqual([...Buffer.concat(chunks)]);
        },
      ),
    );
  });

  it.each([
    ["a size with a sign", "+5\r\nhello\r\n"],
    ["a size with a prefix", "0x5\r\nhello\r\n"],
    ["an empty size", "\r\nhello\r\n"],
    ["a size with nine digits", "000000005\r\nhello\r\n"],
    ["a space after the size", "5 \r\nhello\r\n"],
    ["a bare line feed after the size", "5\nhello\r\n"],
    ["a bare line feed in an extension", "5;a\nhello\r\n"],
    ["a quoted extension", '5;a="\r\n"\r\nhello\r\n'],
    ["a nameless extension", "5;=a\r\nhello\r\n"],
    ["an endless extension", `5;${"a".repeat(2000)}`],
    ["no line end after the data", "5\r\nhelloX0\r\n\r\n"],
    ["a bare line feed after the data", "5\r\nhello\n0\r\n\r\n"],
    ["a trailer in a request", "0\r\nContent-Length: 5\r\n\r\n"],
    ["a bare line feed at its end", "0\r\n\n"],
  ])("with %s is broken", (_what, text) => {
    expect(chunked().feed(Buffer.from(text), 0)).toBe(broken);
  });

  it("may have a trailer in an answer", () => {
    const text = "3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n";
    expect(chunked(true).feed(Buffer.from(text), 0)).toBe(text.length);
  });
});

describe("a counted body", () => {
  it("ends after its length however it is cut into parts", () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), fc.nat({ max: 50 }), cuts, (length, more, at) => {
        expect(feedInParts(new CountedBody(length), Buffer.alloc(length + more), at)).toBe(length);
      }),
    );
  });
});

describe("a stream of events", () => {
  it.each([
    ["", true],
    ["data: 1\n\n", true],
    ["data: 1\r\n\r\n", true],
    ["data: 1\r\r", true],
    [": keep-alive\n\n\n", true],
    ["data: 1\n", false],
    ["data: 1\n\ndata: 2", false],
    ["data: 1\r\n", false],
  ])("after %j is between events: %s, byte by byte and whole", (text, expected) => {
    const bytes = Buffer.from(text);
    const whole = new EventBorder();
    whole.feed(bytes, 0, bytes.length);
    const single = new EventBorder();
    for (let i = 0; i < bytes.length; i++) single.feed(bytes, i, i + 1);
    expect([whole.atBorder, single.atBorder]).toEqual([expected, expected]);
  });
});

/** A frame as RFC 6455 5.2 builds it. */
function frame(length: number, masked: boolean): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x82, mask | length])
      : length < 65_536
        ? Buffer.from([0x82, mask | 126, length >> 8, length & 255])
        : Buffer.from([0x82, mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 7), Buffer.alloc(length, 0x88)]);
}

describe("WebSocket frames", () => {
  const lengths = fc.array(fc.oneof(fc.nat({ max: 130 }), fc.constantFrom(0, 125, 126, 65_535, 65_536)), {
    maxLength: 5,
  });

  it("have a border after each, whatever their lengths and however they are cut", () => {
    fc.assert(
      fc.property(lengths, fc.boolean(), fc.integer({ min: 1, max: 997 }), (all, masked, step) => {
        const frames = all.map((length) => frame(length, masked));
        const bytes = Buffer.concat(frames);
        const borders: number[] = [];
        const border = new FrameBorder();
        for (let at = 0; at < bytes.length;) {
          at += border.feed(bytes.subarray(at, at + step), border.atBorder ? false : true);
          if (border.atBorder) borders.push(at);
        }
        let end = 0;
        const ends = new Set(frames.map((one) => (end += one.length)));
        expect(borders.every((at) => ends.has(at))).toBe(true);
        expect(border.atBorder).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("close with a code that clients understand", () => {
    expect([...closeFrame(1012, "bye")]).toEqual([0x88, 5, 0x03, 0xf4, 98, 121, 101]);
    const border = new FrameBorder();
    border.feed(maskedCloseFrame(1001));
    expect(border.atBorder).toBe(true);
  });
});
