import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, sep } from "node:path";
import { FairwayError } from "@fairway/core";

/** How large an artifact may be. */
export interface ArtifactLimits {
  readonly paths: number;
  readonly bytes: number;
}

/** More than this is a build folder that was named by mistake, or one that needs an image. */
export const defaultArtifactLimits: ArtifactLimits = { paths: 200_000, bytes: 4 * 1024 ** 3 };

/** One path below a folder that is to become an artifact. */
export type SourcePath =
  | { readonly path: string; readonly kind: "directory" }
  | { readonly path: string; readonly kind: "link"; readonly target: string }
  | { readonly path: string; readonly kind: "file" | "program"; readonly bytes: number };

/**
 * Where links may lead besides the folder itself: to programs of the machine, such as the Python of a virtual
 * environment, which are those outside of the named folder; or, in what was judged when it was stored, anywhere.
 */
export type LinksOut = { readonly programsOutside: string } | "judged-before";

/**
 * All paths below a folder, relative to it, without `.git`. Throws `artifact_refused` with the path when one is neither
 * file, folder nor a link that may stay, and when there are too many.
 */
export async function walkSource(
  root: string,
  limits: ArtifactLimits,
  linksOut: LinksOut,
): Promise<readonly SourcePath[]> {
  const found: SourcePath[] = [];
  let bytes = 0;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(join(root, folder))) {
      if (entry.name === ".git") continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const source = await sourceAt(root, path, entry, linksOut);
      found.push(source);
      if (source.kind === "directory") folders.push(path);
      if ("bytes" in source) bytes += source.bytes;
      if (found.length > limits.paths)
        throw tooLarge(root, `more than ${limits.paths.toLocaleString("en")} paths`, found);
      if (bytes > limits.bytes) throw tooLarge(root, `more than ${Math.round(limits.bytes / 1024 ** 2)} MiB`, found);
    }
  }
  if (!found.some(({ kind }) => kind !== "directory")) {
    throw new FairwayError("artifact_refused", `the build left no files in ${root}`, {
      hint: "Check that the build writes where `output` says.",
    });
  }
  return found;
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const names = await readdir(folder, { withFileTypes: true, encoding: "buffer" });
  return names.map((entry) => {
    if (!isUtf8(entry.name)) {
      throw new FairwayError(
        "artifact_refused",
        `a name in ${folder} is not valid UTF-8: ${entry.name.toString("latin1")}`,
      );
    }
    // The kinds live in the entry's methods, so only the name is replaced.
    return Object.assign(Object.create(entry) as Dirent, { name: entry.name.toString() });
  });
}

async function sourceAt(root: string, path: string, entry: Dirent, linksOut: LinksOut): Promise<SourcePath> {
  if (entry.isDirectory()) return { path, kind: "directory" };
  if (entry.isSymbolicLink()) return { path, kind: "link", target: await targetOf(root, path, linksOut) };
  if (!entry.isFile()) {
    throw new FairwayError(
      "artifact_refused",
      `${path} is ${kindOf(entry)}; an artifact holds files, folders and links`,
    );
  }
  const { mode, size } = await lstat(join(root, path));
  return { path, kind: (mode & 0o100) === 0 ? "file" : "program", bytes: size };
}

async function targetOf(root: string, path: string, linksOut: LinksOut): Promise<string> {
  const target = await readlink(join(root, path));
  if (linksOut === "judged-before") return target;
  const inside = !isAbsolute(target) && (await staysInside(root, dirname(path), target));
  if (inside || (await isProgramOutside(join(root, path), linksOut.programsOutside))) return target;
  throw new FairwayError("artifact_refused", `${path} is a link to ${target}, which is outside of the artifact`, {
    hint: path.split("/").includes("node_modules")
      ? "the folder with the lockfile has all of node_modules: make it build.output, and let run go into the service's folder"
      : "copy what it points to into the build's output, or let build.output be a folder that has both",
  });
}

/** What is in the checkout goes when the checkout does; a program of the machine stays, like the one that `run` names. */
async function isProgramOutside(link: string, checkout: string): Promise<boolean> {
  const program = await realpath(link).catch(() => undefined);
  if (program === undefined || program.startsWith((await realpath(checkout)) + sep)) return false;
  const found = await stat(program);
  return found.isFile() && (found.mode & 0o111) !== 0;
}

/**
 * Follows a link as the system would, one name after another: `..` after a link leads out of where that link leads, so
 * the text alone does not tell. What is not there yet is taken as a plain folder.
 */
async function staysInside(root: string, from: string, target: string): Promise<boolean> {
  const top = await realpath(root);
  let at = await realpath(join(root, from));
  const rest = target.split("/");
  for (let hops = 0; rest.length > 0;) {
    const name = rest.shift();
    if (name === undefined || name === "" || name === ".") continue;
    if (name === "..") {
      at = dirname(at);
    } else {
      const next = join(at, name);
      const link = await readlink(next).catch(() => undefined);
      if (link === undefined) {
        at = next;
      } else {
        if (isAbsolute(link) || ++hops > 40) return false;
        rest.unshift(...link.split("/"));
      }
    }
    if (at !== top && !at.startsWith(top + sep)) return false;
  }
  return true;
}

function kindOf(entry: Dirent): string {
  if (entry.isSocket()) return "a socket";
  if (entry.isFIFO()) return "a named pipe";
  return "a device";
}

function tooLarge(root: string, what: string, found: readonly SourcePath[]): FairwayError {
  const counts = new Map<string, number>();
  for (const { path } of found) {
    const top = path.split("/", 1)[0] ?? path;
    counts.set(top, (counts.get(top) ?? 0) + 1);
  }
  const [largest] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return new FairwayError("artifact_refused", `${root} holds ${what}`, {
    hint:
      largest === undefined
        ? undefined
        : `Most of them seem to be in ${largest[0]}; name a smaller folder as the build's output.`,
  });
}
