import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import { artifactDirectory, placeOf } from "./place-of.ts";
import { storeArtifact } from "./store-artifact.ts";

/**
 * Copies every artifact of one store into another, where none is replaced, and answers with their bytes. Each is
 * compared with its digest on the way. May be repeated, and while the first store is used. A store that is not there has
 * none. Throws `artifact_damaged` and `disk_full`.
 */
export async function copyArtifacts(from: string, to: string): Promise<number> {
  let bytes = 0;
  const unlimited = { limits: { paths: Infinity, bytes: Infinity }, stored: true };
  for (const name of await readdir(join(from, "sha256")).catch(noneIfMissing)) {
    const digest = `sha256:${name}`;
    try {
      const copied = await storeArtifact(artifactDirectory(digest, from), to, unlimited);
      if (copied.digest !== digest) throw damaged(digest, from);
      bytes += copied.bytes;
    } catch (thrown) {
      // Nobody had needed it, and it was removed while it was copied.
      if (existsSync(placeOf(digest, from))) throw thrown;
    }
  }
  return bytes;
}

const damaged = (digest: string, store: string): FairwayError =>
  new FairwayError("artifact_damaged", `artifact ${digest} in ${store} is not what was stored`, {
    hint: "Put it back from a backup, or make its release again from the same commit.",
  });

function noneIfMissing(thrown: NodeJS.ErrnoException): readonly string[] {
  if (thrown.code !== "ENOENT") throw thrown;
  return [];
}
