import { createHash } from "node:crypto";
import { posix } from "node:path";
import { type Digest, FairwayError, type Sha } from "@fairway/core";
import { runGit } from "./run-git.ts";
import { type TreeEntry, treeEntries } from "./tree-entries.ts";

/**
 * A digest over the tree hashes of some paths of a commit, in whatever order they are named. It takes no file's contents
 * into the hand: git has their hashes already.
 */
export async function fingerprintOf(directory: string, sha: Sha, paths: readonly string[]): Promise<Digest> {
  const wanted = [...new Set(paths.map(inside))].toSorted();
  const above = wanted.flatMap(withAncestors);
  const entries = above.length === 0 ? [] : await treeEntries(directory, sha, [...new Set(above)]);
  const known = new Map(entries.map((entry) => [entry.path, entry]));
  const parts: (readonly [string, string])[] = [];
  for (const path of wanted) parts.push([path, (await stateOf(directory, sha, path, known)) ?? "absent"]);
  return `sha256:${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}

async function stateOf(
  directory: string,
  sha: Sha,
  path: string,
  known: ReadonlyMap<string, TreeEntry>,
): Promise<string | undefined> {
  const through = withAncestors(path).map((part) => known.get(part));
  // A link's own entry says nothing of what it points to, which may be anywhere in the repository.
  if (path === "" || through.some((entry) => entry?.kind === "link"))
    return `folder ${await wholeTree(directory, sha)}`;
  // What is below a submodule changes when the submodule's commit does.
  const entry = through.find((candidate) => candidate?.kind === "gitlink") ?? known.get(path);
  return entry === undefined ? undefined : `${entry.kind} ${entry.hash}`;
}

async function wholeTree(directory: string, sha: Sha): Promise<string> {
  const answer = await runGit(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${sha}^{tree}`]);
  if (!answer.ok) throw new FairwayError("revision_not_found", `the repository has no commit ${sha}`);
  return answer.output.trim();
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function withAncestors(path: string): readonly string[] {
  if (path === "") return [];
  const names = path.split("/");
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

/** The path as git knows it; empty for the whole repository. Throws `bad_request` for one that leads out of it. */
function inside(path: string): string {
  const plain = posix.normalize(path).replace(/\/+$/, "");
  if (plain === "." || plain === "") return "";
  if (posix.isAbsolute(plain) || plain === ".." || plain.startsWith("../")) {
    throw new FairwayError("bad_request", `${JSON.stringify(path)} is not a path inside of the repository`);
  }
  return plain;
}
