import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { lchown, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Repository, Sha } from "@fairway/core";
import type { CommandUser } from "../commands/run-as.ts";

/**
 * Copies a commit with its history to where another user owns it. Made aside, where only root may write, and put in place
 * whole. May be repeated: what is there is the same commit.
 */
export async function copyForUser(repository: Repository, sha: Sha, to: string, user: CommandUser): Promise<void> {
  if (existsSync(to)) return;
  const aside = `${to}.new-${randomBytes(6).toString("hex")}`;
  try {
    await repository.copy(sha, aside);
    for (const path of await readdir(aside, { recursive: true })) await lchown(join(aside, path), user.uid, user.gid);
    await lchown(aside, user.uid, user.gid);
    await rename(aside, to);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
