import { createHash } from "node:crypto";
import type { Digest } from "@fairway/core";
import canonicalizeModule from "canonicalize";

// The package is CommonJS and its types say `export default`, which at run time is the module itself.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** The digest of a plain value, by its canonical JSON (RFC 8785): the same whatever the order of its keys. */
export function digestOf(value: unknown): Digest {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only what can be written as JSON has a digest");
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}
