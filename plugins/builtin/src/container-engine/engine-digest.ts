import type { Digest } from "@fairway/core";

/** An id as engines write it, Podman's without its algorithm, as a digest; null for what is none. */
export function digestOfId(id: string): Digest | null {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(id)?.[1];
  return hex === undefined ? null : `sha256:${hex}`;
}
