import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, lchown, mkdir, readdir, rename, rm, rmdir, stat, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Millis, RunId } from "@fairway/core";
import type { JobFolders } from "@fairway/workflow";
import type { CommandUser } from "../commands/run-as.ts";
import { asUser } from "./as-user.ts";
import type { JobPlace } from "./job-place.ts";

/** Where one job of a run works. Its own, so that jobs beside it and after it find nothing of it. */
export const folderOfJob = ({ jobs }: JobPlace, run: RunId, job: string): string =>
  join(jobs, run, job.replaceAll(/[^A-Za-z0-9._-]/g, "_"));

/** What tools may keep for other jobs: downloads, not credentials. */
const shared = [
  [".cache", "cache"],
  [".npm", "npm"],
] as const;

/**
 * Makes the folders of a job where they are not there. `isolated`: it shares no caches, because what the code of a fork put
 * there would be run by others.
 */
export async function jobFolders(place: JobPlace, run: RunId, job: string, isolated: boolean): Promise<JobFolders> {
  const root = folderOfJob(place, run, job);
  if (!existsSync(root)) await make(place, root, isolated);
  return {
    workspace: join(root, "workspace"),
    temp: join(root, "temp"),
    home: join(root, "home"),
    toolCache: isolated ? join(root, "tools") : join(place.kept, "tools"),
  };
}

/**
 * Made aside, given away and put in place whole: what another user owns is never written to by root, which could be led
 * elsewhere by a link.
 */
async function make({ kept, user }: JobPlace, root: string, isolated: boolean): Promise<void> {
  const aside = `${root}.new-${randomBytes(6).toString("hex")}`;
  await mkdir(dirname(root), { recursive: true });
  // The user must come to its own folder, and need not see those of others.
  if (user !== undefined) await chmod(dirname(root), 0o711);
  try {
    for (const name of ["workspace", "temp", "home", ...(isolated ? ["tools"] : [])])
      await mkdir(join(aside, name), { recursive: true });
    if (!isolated) {
      await makeKept(kept, user);
      for (const [name, folder] of shared) await symlink(join(kept, folder), join(aside, "home", name));
    }
    if (user !== undefined) await giveAway(aside, user);
    await rename(aside, root);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** By the user itself where there is one, since the folder around them is the user's. */
async function makeKept(kept: string, user: CommandUser | undefined): Promise<void> {
  const folders = ["tools", ...shared.map(([, folder]) => folder)].map((name) => join(kept, name));
  if (user === undefined) for (const folder of folders) await mkdir(folder, { recursive: true });
  else await asUser(user, ["mkdir", "-p", "--", ...folders]);
}

async function giveAway(folder: string, { uid, gid }: CommandUser): Promise<void> {
  for (const name of ["workspace", "temp", "home", "tools"])
    if (existsSync(join(folder, name))) await lchown(join(folder, name), uid, gid);
  await chmod(folder, 0o700);
  await lchown(folder, uid, gid);
}

/** Whether what a job worked on is still there. */
export const hasJobFolders = (place: JobPlace, run: RunId, job: string): boolean =>
  existsSync(folderOfJob(place, run, job));

/**
 * Removes what a job worked on, and the copies of commits that were made for it. What another user owns is removed by that
 * user, so that a link in it leads nowhere that the user could not go.
 */
export async function removeJobFolders(place: JobPlace, run: RunId, job: string): Promise<void> {
  const folder = folderOfJob(place, run, job);
  if (place.user === undefined) return rm(folder, { recursive: true, force: true, maxRetries: 3 });
  const beside = await namesIn(dirname(folder));
  const copies = beside.filter((name) => name.startsWith(`${basename(folder)}.`) && name.endsWith(".git"));
  for (const name of [basename(folder), ...copies].filter((each) => beside.includes(each)))
    await removeOwned(join(dirname(folder), name), place.user);
}

async function removeOwned(folder: string, user: CommandUser): Promise<void> {
  await asUser(user, ["chmod", "-R", "u+rwX", "--", folder]);
  // The folder itself lies in one of root's, and is left to the next line.
  await asUser(user, ["rm", "-rf", "--", folder]);
  await rmdir(folder);
}

/** Removes the folders of runs that ended so long ago that nobody goes on with them. May be interrupted at any point. */
export async function tidyJobFolders(
  { jobs, user }: JobPlace,
  before: Millis,
  ended: (run: string) => boolean,
): Promise<void> {
  if (user === undefined) return;
  for (const run of await namesIn(jobs)) {
    const folder = join(jobs, run);
    if (!ended(run) || (await stat(folder)).mtimeMs >= before) continue;
    for (const name of await namesIn(folder)) await removeOwned(join(folder, name), user);
    await rmdir(folder);
  }
}

const namesIn = (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return [];
    throw thrown;
  });
