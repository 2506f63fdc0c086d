import { createHash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * What a secret of Fairway's opens: `pat` acts for a person, `svc` has a role of its own, `cli` and `web` are sessions,
 * `claim` waits for a person to confirm a program.
 */
const secretKinds = ["pat", "svc", "cli", "web", "claim"] as const;
export type SecretKind = (typeof secretKinds)[number];

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Of 62 each: 178 bits. */
const length = 30;
const checkLength = 6;
const pattern = new RegExp(`^fw_(${secretKinds.join("|")})_([0-9A-Za-z]{${length}})([0-9A-Za-z]{${checkLength}})$`);

/**
 * A new secret, `fw_pat_…`. Its beginning tells scanners what they have found, and its last six digits are a checksum, so that
 * a typing error is no guess and a scanner need not ask.
 */
export function newSecret(kind: SecretKind): string {
  const random = Array.from({ length }, () => digits[randomInt(digits.length)]).join("");
  return `fw_${kind}_${random}${checksum(`fw_${kind}_${random}`)}`;
}

/** The kind of what somebody brought; null for what Fairway never gave away. */
export function kindOfSecret(text: string): SecretKind | null {
  const [, kind, random = "", check] = pattern.exec(text) ?? [];
  if (kind === undefined || checksum(`fw_${kind}_${random}`) !== check) return null;
  return kind as SecretKind;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let written = "";
  for (let place = 0; place < checkLength; place++) {
    written = `${digits[rest % digits.length] ?? ""}${written}`;
    rest = Math.floor(rest / digits.length);
  }
  return written;
}

/** What is kept of a secret. Nothing slower is needed for what nobody could guess, and it would only help to wear us out. */
export const digestOfSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** How a token begins, for lists. */
export const hintOfSecret = (secret: string): string => `${secret.slice(0, "fw_pat_".length + 4)}…`;

/** Without what is easily taken for something else. */
const codeDigits = "23456789BCDFGHJKMNPQRSTVWXYZ";

/** A code that people read and type, in groups of four; `groups` of them are 19 bits each. */
export const newCode = (groups: number): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: 4 }, () => codeDigits[randomInt(codeDigits.length)]).join(""),
  ).join("-");

/** A code as it was meant, however it was typed. */
export const codeAsMeant = (typed: string): string => typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, "");
