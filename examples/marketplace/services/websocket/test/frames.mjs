import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { test } from "node:test";

import { createFrameReader, encodeClose, encodeFrame, opcodes } from "../frames.mjs";
import { answerHandshake } from "../handshake.mjs";

/** A frame as a client sends it. */
function masked(opcode, payload, { final = true, mask = randomBytes(4) } = {}) {
  const frame = encodeFrame(opcode, payload);
  const header = frame.subarray(0, frame.length - payload.length);
  header[0] = (final ? 0x80 : 0) | opcode;
  header[1] |= 0x80;
  return Buffer.concat([header, mask, Buffer.from(payload.map((byte, index) => byte ^ mask[index & 3]))]);
}

const text = (string, options) => masked(opcodes.text, Buffer.from(string), options);
const readAll = (bytes, options) => [...createFrameReader(options)(bytes)];

test("the handshake of the RFC's own example is answered with its key", () => {
  const headers = {
    upgrade: "websocket",
    connection: "keep-alive, Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
  };
  assert.match(
    answerHandshake({ method: "GET", headers }).bytes,
    /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/,
  );
  assert.match(answerHandshake({ method: "POST", headers }).bytes, / 400 /);
  assert.match(
    answerHandshake({ method: "GET", headers: { ...headers, "sec-websocket-key": "short" } }).bytes,
    / 400 /,
  );
  assert.match(
    answerHandshake({ method: "GET", headers: { ...headers, "sec-websocket-version": "8" } }).bytes,
    / 426 .*sec-websocket-version: 13/s,
  );
});

test("messages of every length form arrive whole, however the bytes are cut", () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
  const sent = lengths.map((length) => "x".repeat(length));
  const bytes = Buffer.concat(sent.map((string) => text(string)));
  for (let round = 0; round < 20; round += 1) {
    const read = createFrameReader({ limit: 100_000 });
    const got = [];
    for (let at = 0; at < bytes.length;) {
      const size = round === 0 ? bytes.length : randomInt(1, 40_000);
      got.push(...read(bytes.subarray(at, at + size)));
      at += size;
    }
    assert.deepEqual(
      got.map((message) => message.text.length),
      lengths,
    );
  }
});

test("byte by byte is no different, with a control frame inside a fragmented message", () => {
  const bytes = Buffer.concat([
    text("grü", { final: false }),
    masked(opcodes.ping, Buffer.from("?")),
    masked(opcodes.continuation, Buffer.from("ße")),
    masked(opcodes.close, Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from("bye")])),
  ]);
  const read = createFrameReader();
  const got = [...bytes].flatMap((byte) => [...read(Buffer.from([byte]))]);
  assert.deepEqual(got, [
    { type: "ping", data: Buffer.from("?") },
    { type: "text", text: "grüße" },
    { type: "close", code: 1000, reason: "bye" },
  ]);
});

const forbidden = [
  ["a frame without a mask", encodeFrame(opcodes.text, Buffer.from("x")), 1002],
  ["reserved bits", Buffer.from([0xc1, 0x80]), 1002],
  ["an unknown opcode", Buffer.from([0x83, 0x80]), 1002],
  ["a fragmented ping", masked(opcodes.ping, Buffer.alloc(0), { final: false }), 1002],
  ["a long ping", masked(opcodes.ping, Buffer.alloc(126)), 1002],
  ["a continuation of nothing", masked(opcodes.continuation, Buffer.from("x")), 1002],
  ["a message inside a message", Buffer.concat([text("a", { final: false }), text("b")]), 1002],
  ["text that is not UTF-8", masked(opcodes.text, Buffer.from([0xff, 0xfe])), 1007],
  ["a close code of one byte", masked(opcodes.close, Buffer.from([3])), 1002],
  ["a close code that may not be sent", masked(opcodes.close, Buffer.from([0x03, 0xee])), 1002],
  ["a message that is too long", text("x".repeat(5000)), 1009],
  [
    "one that becomes too long in parts",
    Buffer.concat([text("x".repeat(3000), { final: false }), masked(opcodes.continuation, Buffer.alloc(3000))]),
    1009,
  ],
  ["a length of 2^63", Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]), 1009],
];
for (const [name, bytes, code] of forbidden) {
  test(`${String(name)} is refused with ${String(code)}`, () => {
    assert.throws(() => readAll(bytes), { name: "FrameError", code });
  });
}

test("a close frame carries its code and reason", () => {
  assert.deepEqual(
    encodeClose(1001, "later"),
    Buffer.concat([Buffer.from([0x88, 7, 0x03, 0xe9]), Buffer.from("later")]),
  );
});
