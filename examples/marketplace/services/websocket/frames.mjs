/** Frames of RFC 6455, the side of the server: what comes in is masked, what goes out is not, no extensions. */

export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa };

/** A peer that broke the protocol; `code` is the close code that it is told. */
export class FrameError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "FrameError";
    this.code = code;
  }
}

/** One unfragmented frame. */
export function encodeFrame(opcode, payload = Buffer.alloc(0)) {
  const length = payload.length;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + extra);
  header[0] = 0x80 | opcode;
  header[1] = extra === 0 ? length : extra === 2 ? 126 : 127;
  if (extra === 2) header.writeUInt16BE(length, 2);
  if (extra === 8) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

export function encodeClose(code, reason = "") {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return encodeFrame(opcodes.close, payload);
}

const known = new Set(Object.values(opcodes));
const sendable = (code) =>
  (code >= 1000 && code <= 1011 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeText(payload) {
  try {
    return utf8.decode(payload);
  } catch {
    throw new FrameError(1007, "text that is not UTF-8");
  }
}

function decodeClose(payload) {
  if (payload.length === 0) return { type: "close", code: 1005, reason: "" };
  const code = payload.length >= 2 ? payload.readUInt16BE(0) : 0;
  if (!sendable(code)) throw new FrameError(1002, "a close code that may not be sent");
  return { type: "close", code, reason: decodeText(payload.subarray(2)) };
}

/** The frame at the start of `bytes`, or null when not all of it is there yet. */
function readFrame(bytes, limit) {
  if (bytes.length < 2) return null;
  const final = (bytes[0] & 0x80) !== 0;
  const opcode = bytes[0] & 0x0f;
  const control = opcode >= 0x8;
  const short = bytes[1] & 0x7f;
  if ((bytes[0] & 0x70) !== 0) throw new FrameError(1002, "reserved bits without an extension");
  if (!known.has(opcode)) throw new FrameError(1002, "an unknown opcode");
  if ((bytes[1] & 0x80) === 0) throw new FrameError(1002, "a frame without a mask");
  if (control && (!final || short > 125)) throw new FrameError(1002, "a control frame that is fragmented or too long");

  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + extra) return null;
  const length = extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  // Refused by its header, before a byte of it is kept.
  if (length > limit) throw new FrameError(1009, `a message of more than ${limit} bytes`);
  const start = 2 + extra + 4;
  const end = start + length;
  if (bytes.length < end) return null;

  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(bytes.subarray(start, end));
  for (let index = 0; index < payload.length; index += 1) payload[index] ^= mask[index & 3];
  return { final, opcode, payload, end };
}

/**
 * Turns bytes as they come into messages: `{ type: "text" | "binary" | "ping" | "pong" | "close", ... }`. Throws a
 * FrameError at what the protocol forbids.
 */
export function createFrameReader({ limit = 4096 } = {}) {
  let rest = Buffer.alloc(0);
  let opened = null;
  let parts = [];

  function data({ opcode, final, payload }) {
    if (opcode === opcodes.continuation && opened === null) throw new FrameError(1002, "a continuation of nothing");
    if (opcode !== opcodes.continuation && opened !== null) throw new FrameError(1002, "a new message inside another");
    opened ??= opcode;
    parts.push(payload);
    if (parts.reduce((sum, part) => sum + part.length, 0) > limit)
      throw new FrameError(1009, `a message of more than ${limit} bytes`);
    if (!final) return null;
    const whole = Buffer.concat(parts);
    const type = opened === opcodes.text ? "text" : "binary";
    opened = null;
    parts = [];
    return type === "text" ? { type, text: decodeText(whole) } : { type, data: whole };
  }

  return function* read(chunk) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let frame = readFrame(rest, limit); frame; frame = readFrame(rest, limit)) {
      rest = rest.subarray(frame.end);
      if (frame.opcode === opcodes.close) yield decodeClose(frame.payload);
      else if (frame.opcode === opcodes.ping) yield { type: "ping", data: frame.payload };
      else if (frame.opcode === opcodes.pong) yield { type: "pong", data: frame.payload };
      else {
        const message = data(frame);
        if (message) yield message;
      }
    }
  };
}
