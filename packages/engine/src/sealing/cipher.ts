import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

// AES-256-GCM with a nonce drawn anew: NIST SP 800-38D, 8.3 allows 2^32 of them for one key.
const algorithm = "aes-256-gcm";
const nonceLength = 12;
const tagLength = 16;

/** The length of every key here. */
export const keyLength = 32;

/** Nonce, sealed bytes and tag. `about` is not in it, and without the same again it does not open. */
export function encrypt(key: Uint8Array, bytes: Uint8Array, about: Uint8Array): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagLength }).setAAD(about);
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** The bytes again, or null when key, bytes or `about` are not those of `encrypt`. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, about: Uint8Array): Buffer | null {
  if (sealed.length < nonceLength + tagLength) return null;
  const nonce = sealed.subarray(0, nonceLength);
  const body = sealed.subarray(nonceLength, -tagLength);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagLength })
    .setAAD(about)
    .setAuthTag(sealed.subarray(-tagLength));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    // The only thing that node says of a tag that does not fit.
    return null;
  }
}
