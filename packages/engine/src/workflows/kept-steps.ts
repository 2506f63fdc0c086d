import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Json } from "../runs/stage.ts";

/** What a job's attempt has recorded of its steps, in their order, for an attempt after it. */
export interface KeptSteps {
  /** The digest of what the job was given to do; another job's records are of no use. */
  readonly of: string;
  readonly steps: readonly { readonly key: string; readonly value: Json }[];
}

const pathIn = (attemptDirectory: string): string => join(attemptDirectory, "steps.json");

/** Outputs and variables of steps may be secrets, so only Fairway's own user may read the file. */
export async function keepSteps(attemptDirectory: string, kept: KeptSteps): Promise<void> {
  const path = pathIn(attemptDirectory);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(kept), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** What an attempt kept; undefined when it kept nothing. */
export async function keptStepsOf(attemptDirectory: string): Promise<KeptSteps | undefined> {
  const text = await readFile(pathIn(attemptDirectory), "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  });
  return text === undefined ? undefined : (JSON.parse(text) as KeptSteps);
}

/** A step's place in its job, whichever attempt carried it out: `3` of `3@2`. */
export const placeOfKey = (key: string): string => key.replace(/@\d+$/, "");

/**
 * The steps that a further attempt takes over, and the first that it does again: the one that failed or was cancelled,
 * though a job that goes on after a failure may have carried out more. Undefined when all is to be done again.
 */
export function fromFailedStep(
  kept: KeptSteps,
): { readonly before: ReadonlyMap<string, Json>; readonly from: string } | undefined {
  const before = new Map<string, Json>();
  for (const { key, value } of kept.steps) {
    const place = placeOfKey(key);
    const { conclusion } = value as { readonly conclusion?: string };
    if (conclusion === "failure" || conclusion === "cancelled" || place.startsWith("post-"))
      return before.size === 0 ? undefined : { before, from: place };
    before.set(place, value);
  }
  return undefined;
}
