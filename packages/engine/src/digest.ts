import { createHash } from "node:crypto";
import type { Digest } from "@fairway/core";
import canonicalizeModule from "canonicalize";

// The package is CommonJS and its types say `export default`, which at run time is the module itself.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** A plain value as canonical JSON (RFC 8785): the same whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only what can be written as JSON has a canonical form");
  return text;
}

/** The digest of a plain value, by its canonical JSON. */
export function digestOf(value: unknown): Digest {
  return `sha256:${createHash("sha256").update(canonicalJson(value), "utf8").digest("hex")}`;
}
