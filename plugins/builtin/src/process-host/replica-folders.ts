import { readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";

/** The logs of this many forgotten replicas are kept: why one failed is asked after it is gone. */
const forgottenKept = 50;

/** The names of all that have, or had, a folder in a host's directory. */
export const replicaFolders = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));

/** Takes away the logs of those that were forgotten long ago. May be repeated. */
export async function clearReplicaFolders(directory: string, isKept: (name: string) => boolean): Promise<void> {
  const forgotten = replicaFolders(directory)
    .filter((name) => !isKept(name))
    .map((name) => ({ name, at: statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.at - a.at);
  for (const { name } of forgotten.slice(forgottenKept))
    await rm(join(directory, name), { recursive: true, force: true });
}

/** Throws `bad_request` for a name that a folder cannot have. */
export function mustBeFolderName(name: string): void {
  if (/^[\w][\w.@-]{0,200}$/.test(name)) return;
  throw new FairwayError("bad_request", `"${name}" cannot be the name of a replica`, {
    hint: "A name begins with a letter or a digit and holds letters, digits, dots, dashes and underscores.",
  });
}
