import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import dockerignore from "@balena/dockerignore";
import tar from "tar-fs";
import { hasCode } from "../process-host/system-error.ts";

/**
 * The folder of a build as a tar stream, without what its `.dockerignore` leaves out; the Dockerfile and the `.dockerignore`
 * itself are always in it, since the engine reads both. dockerode's own would send nothing where everything is left out
 * but some, and everything else otherwise. Owned by root, as Docker's own client sends it.
 */
export async function buildContext(context: string, dockerfile: string): Promise<Readable> {
  const rules = await rulesOf(context);
  const always = new Set([ignoreFile, dockerfile]);
  const entries = rules === null ? ["."] : await entriesOf(context, "", rules, always);
  return tar.pack(context, {
    entries: [...entries],
    // What is in a folder is on the list itself.
    ...(rules === null ? {} : { ignore: () => true }),
    map: (header) => ({ ...header, uid: 0, gid: 0 }),
  });
}

const ignoreFile = ".dockerignore";

/** What a `.dockerignore` says. */
interface IgnoreRules {
  readonly leavesOut: (path: string) => boolean;
  /** Whether a folder that is left out may hold what is not: `!docs/README.md`. */
  readonly hasExceptions: boolean;
}

/** Null where nothing is left out. */
async function rulesOf(context: string): Promise<IgnoreRules | null> {
  try {
    const text = await readFile(join(context, ignoreFile), "utf8");
    const rules = dockerignore.default({ ignorecase: false }).add(text);
    return { leavesOut: (path) => rules.ignores(path), hasExceptions: /^\s*!/m.test(text) };
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return null;
    throw thrown;
  }
}

async function entriesOf(
  root: string,
  folder: string,
  rules: IgnoreRules,
  always: ReadonlySet<string>,
): Promise<readonly string[]> {
  const found = await readdir(join(root, folder), { withFileTypes: true });
  const parts = found.map(async (entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    const isOut = rules.leavesOut(path) && !always.has(path);
    const mayHold = !isOut || rules.hasExceptions || [...always].some((file) => file.startsWith(`${path}/`));
    const below = entry.isDirectory() && mayHold ? await entriesOf(root, path, rules, always) : [];
    return isOut ? below : [path, ...below];
  });
  return (await Promise.all(parts)).flat();
}
