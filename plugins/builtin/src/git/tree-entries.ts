import { FairwayError, type Sha } from "@fairway/core";
import { runGit } from "./run-git.ts";

/** One name in a commit's tree. A gitlink is the commit of a submodule. */
export interface TreeEntry {
  readonly kind: "folder" | "file" | "program" | "link" | "gitlink";
  readonly hash: Sha;
  readonly path: string;
}

const kinds: Readonly<Record<string, TreeEntry["kind"]>> = {
  "040000": "folder",
  "100644": "file",
  "100755": "program",
  "120000": "link",
  "160000": "gitlink",
};

/**
 * The entries that these paths name in a commit; those that are not there are left out. Without paths, every gitlink and file.
 */
export async function treeEntries(
  directory: string,
  sha: Sha,
  paths?: readonly string[],
): Promise<readonly TreeEntry[]> {
  // `-t`: a folder is also named when something below it is asked for as well.
  const which = paths === undefined ? ["-r"] : ["-t"];
  const answer = await runGit(directory, ["ls-tree", "-z", "--full-tree", ...which, sha, "--", ...(paths ?? [])]);
  if (!answer.ok) throw new FairwayError("revision_not_found", `cannot read commit ${sha}: ${answer.reason}`);
  return answer.output
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const tab = line.indexOf("\t");
      const [mode = "", , hash = ""] = line.slice(0, tab).split(" ");
      return { kind: kinds[mode] ?? "file", hash, path: line.slice(tab + 1) };
    });
}
