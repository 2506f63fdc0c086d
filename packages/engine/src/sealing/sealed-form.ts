import { FairwayError } from "@fairway/core";
import { decrypt, encrypt } from "./cipher.ts";

const mark = Buffer.from("FWS1");

/** The bytes of a sealing key's id. */
export const idLength = 8;
const headLength = mark.length + idLength;

/** Seals bytes for a purpose by a key, whose id goes in front. */
export function sealBy(id: string, key: Uint8Array, purpose: string, bytes: Uint8Array): Buffer {
  const head = sealedBefore(id);
  return Buffer.concat([head, encrypt(key, bytes, about(head, purpose))]);
}

/** How everything begins that this key has sealed. */
export const sealedBefore = (id: string): Buffer => Buffer.concat([mark, Buffer.from(id, "hex")]);

/** By which key something was sealed; null when it is not of this form. */
export function keyIdOf(sealed: Uint8Array): string | null {
  const head = Buffer.from(sealed.subarray(0, headLength));
  return head.length === headLength && head.subarray(0, mark.length).equals(mark)
    ? head.subarray(mark.length).toString("hex")
    : null;
}

/** The bytes again. Throws `seal_broken`. */
export function openBy(key: Uint8Array, purpose: string, sealed: Uint8Array): Buffer {
  const head = Buffer.from(sealed.subarray(0, headLength));
  const bytes = decrypt(key, sealed.subarray(headLength), about(head, purpose));
  if (bytes === null) throw sealBroken(purpose);
  return bytes;
}

/** The error for what does not open. */
export const sealBroken = (purpose: string): FairwayError =>
  new FairwayError("seal_broken", `what was sealed for ${JSON.stringify(purpose)} does not open`, {
    hint: "it was altered, or belongs to another database: set the value anew, or restore a backup",
  });

/** The purpose is the last of it, so no two of them can be written alike. */
const about = (head: Buffer, purpose: string): Buffer => Buffer.concat([head, Buffer.from(purpose, "utf8")]);
