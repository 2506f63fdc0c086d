import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { open, seal } from "./envelope.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signer = { id: "ours", key: privateKey };
const keys = new Map([["ours", publicKey]]);
const type = "application/vnd.in-toto+json";

describe("a signed document", () => {
  test("opens as what was sealed, with the name of who signed it", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const opened = open(seal(type, Buffer.from(bytes), signer), type, keys);
        expect(opened).toEqual({ ok: true, payload: Buffer.from(bytes), signedBy: "ours" });
      }),
    );
  });

  test("does not open when a single byte of it is another", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, by) => {
          const envelope = seal(type, Buffer.from(bytes), signer);
          const changed = Buffer.from(bytes);
          const place = at % changed.length;
          changed[place] = (changed[place] ?? 0) ^ by;
          const opened = open({ ...envelope, payload: changed.toString("base64") }, type, keys);
          expect(opened).toEqual({ ok: false, reason: "its signature is not that of its contents" });
        },
      ),
    );
  });

  test("does not open as another type, though the bytes are the same", () => {
    const envelope = seal("text/plain", Buffer.from("{}"), signer);
    expect(open(envelope, type, keys).ok).toBe(false);
    expect(open({ ...envelope, payloadType: type }, type, keys)).toMatchObject({ ok: false });
  });

  test("says who signed it when that key is not known, and that nobody has", () => {
    const envelope = seal(type, Buffer.from("{}"), { ...signer, id: "theirs" });
    expect(open(envelope, type, keys)).toEqual({
      ok: false,
      reason: "it was signed by a key that is not known: theirs",
    });
    expect(open({ ...envelope, signatures: [] }, type, keys)).toEqual({ ok: false, reason: "nobody has signed it" });
  });
});
