import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { RunId } from "@fairway/core";
import type { JobFolders } from "@fairway/workflow";
import type { DataDirectory } from "../data-directory.ts";

/** Where one job of a run works. Its own, so that jobs beside it and after it find nothing of it. */
const folderOf = (data: DataDirectory, run: RunId, job: string): string =>
  data.workspace(run, job.replaceAll(/[^A-Za-z0-9._-]/g, "_"));

/** What tools may keep for other jobs: downloads, not credentials. */
const shared = [
  [".cache", "cache"],
  [".npm", "npm"],
] as const;

/**
 * Makes the folders of a job where they are not there. `isolated`: it shares no caches, because what the code of a fork put
 * there would be run by others.
 */
export async function jobFolders(data: DataDirectory, run: RunId, job: string, isolated: boolean): Promise<JobFolders> {
  const root = folderOf(data, run, job);
  const folders = {
    workspace: join(root, "workspace"),
    temp: join(root, "temp"),
    home: join(root, "home"),
    toolCache: isolated ? join(root, "tools") : join(data.root, "runner", "tools"),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  if (!isolated)
    for (const [name, kept] of shared) {
      const target = join(data.root, "runner", kept);
      await mkdir(target, { recursive: true });
      await symlink(target, join(folders.home, name)).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== "EEXIST") throw thrown;
      });
    }
  return folders;
}

/** Whether what a job worked on is still there. */
export const hasJobFolders = (data: DataDirectory, run: RunId, job: string): boolean =>
  existsSync(folderOf(data, run, job));

/** Removes what a job worked on. */
export const removeJobFolders = (data: DataDirectory, run: RunId, job: string): Promise<void> =>
  rm(folderOf(data, run, job), { recursive: true, force: true, maxRetries: 3 });
