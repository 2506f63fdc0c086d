import { createHash } from "node:crypto";
import type { AuditEntry } from "@fairway/core";
import { canonicalJson } from "../digest.ts";

/** What stands in the place of a hash before the first entry. */
export const noHash: string = "0".repeat(64);

/** The hash of an entry's text as it is stored, which holds all entries before it through the hash of the one before. */
export const hashOfEntry = (before: string, text: string): string =>
  createHash("sha256").update(before, "utf8").update(text, "utf8").digest("hex");

/** An entry as it is stored. A column of text takes neither a zero character nor half a pair. */
export const textOfEntry = (entry: AuditEntry): string => canonicalJson(clean(entry));

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("\0", "\u2400").replaceAll(/\p{Surrogate}/gu, "\uFFFD");
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[clean(name), clean(inner)]])),
    );
  return value;
}
