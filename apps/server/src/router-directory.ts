import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FairwayError } from "@fairway/core";

/** The kernel takes 107 bytes of a socket's path, macOS 103; the router's worker adds a few for the socket it renames. */
const longestSocketPath = 90;

const fits = (directory: string): boolean => Buffer.byteLength(join(directory, "router.sock")) <= longestSocketPath;

/**
 * Where the router's control socket is: in the data directory, or, when that path is too long for a socket, in the
 * system's temporary directory under a name derived from it, so that the next daemon finds the router again.
 */
export async function routerDirectory(near: string): Promise<string> {
  if (fits(near)) return near;
  const hash = createHash("sha256").update(near).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), `fairway-router-${hash}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Where all may write, somebody else may have made it first.
  const { uid } = await lstat(directory);
  if (uid === (process.getuid?.() ?? uid) && fits(directory)) return directory;
  throw new FairwayError("data_directory_unusable", `cannot place the router's socket in ${directory}`, {
    hint: "use a shorter data directory, or a TMPDIR of your own",
  });
}
