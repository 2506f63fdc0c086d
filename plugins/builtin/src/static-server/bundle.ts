import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { FairwayError } from "@fairway/core";
import type { OutputConfig } from "./vercel-output.ts";
import { readOutputConfig } from "./vercel-output.ts";

/** A folder of files to be served as they are. */
export interface Bundle {
  /** Absolute. */
  readonly root: string;
  /** Relative to the root, with forward slashes; nothing hidden, and no link. */
  readonly files: ReadonlySet<string>;
  /** What Vercel's build output asks for besides its files; null for a plain folder. */
  readonly output: OutputConfig | null;
}

/**
 * Opens a plain folder of files, or a `.vercel/output` (Build Output API 3). Throws `config_invalid` for an output that
 * needs more than files: functions, middleware, image optimisation.
 */
export async function openBundle(directory: string): Promise<Bundle> {
  const output = await readOutputConfig(join(directory, "config.json"));
  if (output === null) return { root: directory, files: await filesBelow(directory), output: null };
  if (await isThere(join(directory, "functions")))
    throw new FairwayError("config_invalid", `${directory} has functions, and only static files can be served here`, {
      hint: "Build the project as static files, or run its server with `run`.",
    });
  const root = join(directory, "static");
  return { root, files: await filesBelow(root), output };
}

/** Links are left out: one of them may lead out of the bundle. */
async function filesBelow(root: string): Promise<ReadonlySet<string>> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return new Set(paths.filter((path) => path.startsWith(".well-known/") || !/(?:^|\/)\./u.test(path)));
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return false;
      throw thrown;
    },
  );
}

/** A bundle never changes, so each file's tag is computed once, when it is first asked for. */
export function tagsOf(root: string): (path: string) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (path) => {
    const tag = known.get(path) ?? tagOf(join(root, path));
    known.set(path, tag);
    return tag;
  };
}

async function tagOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `"${hash.digest("hex").slice(0, 24)}"`;
}
