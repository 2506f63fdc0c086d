import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Repository, Sha } from "@fairway/core";
import { patchBlobs } from "./patch-texts.ts";
import type { ShownFile } from "./scan-job.ts";

/** A file of the history that is larger is looked at by nobody, and its commit is told. */
const largest = 512 * 1024 ** 2;

/** The files of patches of which git shows no lines, put into a folder, and the commits of those that cannot be. */
export async function withoutLines(
  repository: Pick<Repository, "putBlobs">,
  text: string,
  folder: string,
): Promise<{ readonly files: readonly ShownFile[]; readonly tooLarge: readonly Sha[] }> {
  const wanted = patchBlobs(text);
  if (wanted.length === 0) return { files: [], tooLarge: [] };
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const blobs = wanted.map(({ blob }) => blob);
  const left = new Set((await repository.putBlobs?.({ blobs, directory: folder, most: largest })) ?? blobs);
  return {
    files: wanted.flatMap(({ commit, path, blob }) =>
      left.has(blob) ? [] : [{ shown: `${commit.slice(0, 12)}:${path}`, file: join(folder, blob) }],
    ),
    tooLarge: wanted.flatMap(({ commit, blob }) => (left.has(blob) ? [commit] : [])),
  };
}
