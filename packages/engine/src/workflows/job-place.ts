import { chmod, chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { CommandUser } from "../commands/run-as.ts";
import type { DataDirectory } from "../data-directory.ts";
import { asUser } from "./as-user.ts";

/** Where jobs of workflows work, and as whom. */
export interface JobPlace {
  /** Of the folders of runs, `<jobs>/<run>/<job>`. Nobody but root may write here when jobs have a user of their own. */
  readonly jobs: string;
  /** What jobs keep for each other: downloads and tools. */
  readonly kept: string;
  /** The actions of other repositories, which jobs only read. */
  readonly actions: string;
  readonly user?: CommandUser | undefined;
}

/** The place inside of the data directory, where whoever the daemon is works. */
export const ownJobPlace = (data: DataDirectory): JobPlace => ({
  jobs: join(data.root, "work"),
  kept: join(data.root, "runner"),
  actions: join(data.root, "runner", "actions"),
});

/** Everything of jobs that run as another user lies beside the data directory, since that is closed to everybody. */
const foldersOfSteps = (data: DataDirectory): string => `${data.root}-steps`;

/**
 * The place of jobs that run as another user. Made here, by root and before anything of the user's runs, so that nothing on
 * the way to a job's folder can be exchanged. Throws `data_directory_unusable` when the user cannot come there.
 */
export async function jobPlaceOf(data: DataDirectory, user: CommandUser): Promise<JobPlace> {
  const root = foldersOfSteps(data);
  const place = { jobs: join(root, "work"), kept: join(root, "kept"), actions: join(root, "actions"), user };
  for (const [folder, mode] of [
    [root, 0o711],
    [place.jobs, 0o711],
    [place.actions, 0o755],
  ] as const) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, mode);
  }
  if ((await asUser(user, ["test", "-x", root])) !== 0)
    throw new FairwayError("data_directory_unusable", `the user of steps (${user.uid}) cannot reach ${root}`, {
      hint: "a folder above it is closed to others; keep the data directory elsewhere: fairway up --data /var/lib/fairway",
    });
  // In a folder that only root may write to, so it is the one that was made.
  await mkdir(place.kept, { recursive: true, mode: 0o700 });
  await chown(place.kept, user.uid, user.gid);
  return place;
}
