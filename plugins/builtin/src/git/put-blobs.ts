import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Repository, Sha } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { gitArguments, gitEnvironment, localTimeout, runGit, startTurn } from "./run-git.ts";

type PutBlobs = NonNullable<Repository["putBlobs"]>;

/** Puts files of the history into a directory, byte by byte as they are: nothing of it goes through this process. */
export async function putBlobs(
  path: string,
  { blobs, directory, most }: Parameters<PutBlobs>[0],
): ReturnType<PutBlobs> {
  if (blobs.length === 0) return [];
  const input = blobs.map((blob) => `${blob}\n`).join("");
  const answer = await runGit(path, ["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"], { input });
  if (!answer.ok) throw gone(blobs.join(", "), answer.reason);
  const tooLarge: Sha[] = [];
  for (const line of answer.output.trimEnd().split("\n")) {
    const [blob = "", type, size] = line.split(" ");
    if (type !== "blob") throw gone(blob, `it is ${type ?? "nothing"}`);
    if (Number(size) > most) tooLarge.push(blob);
    else await putBlob(path, blob, join(directory, blob));
  }
  return tooLarge;
}

async function putBlob(path: string, blob: Sha, file: string): Promise<void> {
  const to = await open(file, "wx", 0o600);
  try {
    await startTurn();
    const git = spawn("git", gitArguments(path, ["cat-file", "blob", blob]), {
      ...{ env: gitEnvironment(), timeout: localTimeout, killSignal: "SIGKILL" },
      stdio: ["ignore", to.fd, "ignore"],
    });
    const [status] = (await once(git, "close")) as [number | null];
    if (status !== 0) throw gone(blob, `git ended with ${status ?? "a signal"}`);
  } finally {
    await to.close();
  }
}

const gone = (blob: string, why: string): FairwayError =>
  new FairwayError("revision_not_found", `cannot read the file ${blob} of the history: ${why}`);
