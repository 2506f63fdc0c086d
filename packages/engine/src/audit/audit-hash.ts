import { createHash } from "node:crypto";
import type { AuditEntry } from "@fairway/core";
import { canonicalJson } from "../digest.ts";

/** What of a row the next one holds on to. */
export interface AuditLink {
  readonly hash: string;
  readonly signedBy: string | null;
  readonly signature: string | null;
}

/** What stands before the first row. */
export const noLink: AuditLink = { hash: "0".repeat(64), signedBy: null, signature: null };

/**
 * The hash of an entry's text as it is stored. Through the row before it holds all others: SHA-256 of that row's hash, signer
 * and signature, a line each, and the text.
 */
export const hashOfEntry = ({ hash, signedBy, signature }: AuditLink, text: string): string =>
  createHash("sha256")
    .update(`${hash}\n${signedBy ?? ""}\n${signature ?? ""}\n${text}`, "utf8")
    .digest("hex");

/** An entry as it is stored. A column of text takes neither a zero character nor half a pair. */
export const textOfEntry = (entry: AuditEntry): string => canonicalJson(clean(entry));

/** What an entry's signature is made over: the number is in the entry, the entry is in the hash. */
export const signedText = (hash: string): Buffer => Buffer.from(`fairway audit\n${hash}`);

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "\u2400").replaceAll(/\p{Surrogate}/gu, "\uFFFD");
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[clean(name), clean(inner)]])),
    );
  return value;
}
