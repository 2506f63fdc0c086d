import { createHash } from "node:crypto";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import type { FolderFile } from "./layout.ts";

const mostFiles = 20_000;
const largestFile = 4 * 1024 * 1024;
const deepest = 4;
const read = /\.(?:sql|py|toml|json)$/iu;
/** Compiled Python and what editors leave. */
const passedOver = new Set(["__pycache__", "node_modules", ".git"]);

/** A file of a folder, with the digest that tells whether it was changed. */
export interface ReadFile extends FolderFile {
  readonly checksum: Digest;
}

/**
 * Reads the files of a folder that migrations are made of. Links are not followed. Throws `not_found` for what is no folder,
 * and `bad_request` for one with more in it than migrations.
 */
export async function readMigrationFolder(folder: string): Promise<readonly ReadFile[]> {
  const there = await lstat(folder).catch(() => null);
  if (there === null || !there.isDirectory())
    throw new FairwayError("not_found", `${folder} is no folder of migrations`, {
      hint: "name the folder that holds the migrations themselves, such as prisma/migrations or alembic/versions",
    });
  const paths = await pathsBelow(folder, "", 0);
  if (paths.length > mostFiles)
    throw new FairwayError("bad_request", `${folder} has more than ${mostFiles} files`, {
      hint: "name the folder that holds only the migrations",
    });
  const files: ReadFile[] = [];
  for (const path of paths.toSorted()) {
    const bytes = await bytesOf(join(folder, path));
    files.push({
      path,
      text: bytes.toString("utf8"),
      checksum: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    });
  }
  return files;
}

async function pathsBelow(folder: string, below: string, depth: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (passedOver.has(entry.name)) continue;
    if (entry.isDirectory() && depth < deepest) found.push(...(await pathsBelow(folder, path, depth + 1)));
    else if (entry.isFile() && read.test(entry.name)) found.push(path);
    if (found.length > mostFiles) break;
  }
  return found;
}

async function bytesOf(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > largestFile)
      throw new FairwayError("bad_request", `${path} is larger than ${largestFile / 1024 / 1024} MiB`, {
        hint: "a dump of data is no migration",
      });
    return await file.readFile();
  } finally {
    await file.close();
  }
}
