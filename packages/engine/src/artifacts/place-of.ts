import { join } from "node:path";
import { type Digest, FairwayError } from "@fairway/core";

/** Where stores work before an artifact is whole; nothing in it is visible to anyone else. */
export const draftsOf = (store: string): string => join(store, "drafts");

/** Where an artifact is kept: its listing, and its files. Throws `bad_request` for what is no digest. */
export function placeOf(digest: Digest, store: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new FairwayError("bad_request", `${JSON.stringify(digest)} is not a digest`);
  return join(store, "sha256", hex);
}

/** The folder with an artifact's files; it is read-only, and there only when the artifact is stored. */
export const artifactDirectory = (digest: Digest, store: string): string => join(placeOf(digest, store), "files");
