import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { FairwayError, type Millis, type Sha } from "@fairway/core";
import { runGit } from "./run-git.ts";

const copyTimeout: Millis = 10 * 60_000;

/** Puts a commit with its history into a directory that is not there yet, as a bare repository that shares nothing. */
export async function copyCommit(source: string, sha: Sha, directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  const format = sha.length === 64 ? "sha256" : "sha1";
  const steps = [
    ["init", "--quiet", "--bare", `--object-format=${format}`],
    ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", resolve(source), `+${sha}:refs/heads/fairway`],
  ];
  for (const words of steps) {
    const answer = await runGit(directory, words, { timeout: copyTimeout, fromPath: true });
    if (!answer.ok) throw new FairwayError("checkout_failed", `could not copy ${sha} from ${source}: ${answer.reason}`);
  }
}
