import { createHash } from "node:crypto";
import { chmod, lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";
import type { ServerUser } from "./server-user.ts";
import { giveTo } from "./server-user.ts";

/** The kernel's limit of a socket's path is 108 bytes with its closing zero, and 104 on macOS. */
const longestPath = 103;

/**
 * Makes the directory of the server's socket, open to nobody else: anyone who reaches the socket is let in. It lies
 * beside the cluster, or, when that path is too long for a socket, in the system's temporary directory under a name
 * derived from the cluster's, so that it is found again and is made again after a clean-up of temporary files.
 */
export async function makeSocketDirectory(beside: string, user: ServerUser, name = "socket"): Promise<string> {
  const near = join(beside, name);
  const directory = fits(near)
    ? near
    : join(tmpdir(), `fairway-${createHash("sha256").update(near).digest("hex").slice(0, 16)}`);
  if (!fits(directory)) {
    throw new FairwayError(
      "data_directory_unusable",
      `could not place the database's socket: ${directory} is too long for a socket's path`,
      {
        hint: "use a shorter data directory, or a shorter TMPDIR",
      },
    );
  }
  await mkdir(directory, { mode: 0o700, recursive: true });
  if (directory !== near) await refuseAnothers(directory, user);
  await chmod(directory, 0o700);
  await giveTo(user, directory);
  return directory;
}

/** Where all may write, somebody else may have made the directory first, to receive what is sent to the database. */
async function refuseAnothers(directory: string, user: ServerUser): Promise<void> {
  const found = await lstat(directory);
  const owners = [process.getuid?.() ?? found.uid, ...(user.kind === "unprivileged" ? [user.uid] : [])];
  if (found.isDirectory() && owners.includes(found.uid)) return;
  throw new FairwayError(
    "data_directory_unusable",
    `could not use ${directory} for the database's socket: it belongs to another user`,
    {
      hint: "remove it, or set TMPDIR to a directory of your own",
    },
  );
}

const fits = (directory: string): boolean => Buffer.byteLength(join(directory, ".s.PGSQL.5432")) <= longestPath;
