import type { CommitHistory, Sha } from "@fairway/core";
import { branchOf, isRefName, isSha } from "@fairway/core";
import { readObject } from "./git/object-reader.ts";
import { runGit } from "./git/run-git.ts";

export interface GitHistoryOptions {
  /** Anywhere inside of a working tree, or a bare repository. */
  readonly path: string;
  /** Whose branches are meant; null means the repository's own. */
  readonly remote: string | null;
}

/** What a repository on this machine knows of its branches and tags. Names are data: only hashes go further. */
export function gitHistory({ path, remote }: GitHistoryOptions): CommitHistory {
  const named = async (ref: string): Promise<Sha | null> => {
    const read = await readObject(path, `${ref}^{commit}`);
    if (read !== "ask alone") return read === "missing" ? null : read.id;
    const answer = await runGit(path, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
    return answer.ok ? answer.output.trim() : null;
  };
  const ourName = (ref: string): string => {
    const branch = branchOf(ref);
    if (remote === null) return ref;
    if (branch !== null) return `refs/remotes/${remote}/${branch}`;
    return ref.startsWith("refs/pull/") ? `refs/fairway/${ref.slice("refs/".length)}` : ref;
  };
  const symbolic = async (ref: string, prefix: string): Promise<string | null> => {
    const answer = await runGit(path, ["symbolic-ref", "--quiet", ref]);
    const full = answer.ok ? answer.output.trim() : "";
    return full.startsWith(prefix) ? full.slice(prefix.length) : null;
  };

  return {
    // Of a remote that nothing was fetched from yet, the branch that is here stands for the one that is there.
    tip: async (ref) => (isRefName(ref) ? ((await named(ourName(ref))) ?? (await named(ref))) : null),

    async defaultBranch() {
      const said = remote === null ? null : await symbolic(`refs/remotes/${remote}/HEAD`, `refs/remotes/${remote}/`);
      if (said !== null) return said;
      for (const usual of ["main", "master"]) if ((await named(ourName(`refs/heads/${usual}`))) !== null) return usual;
      return (await symbolic("HEAD", "refs/heads/")) ?? "main";
    },

    async isAncestor(one, other) {
      if (!isSha(one) || !isSha(other)) return false;
      return (await runGit(path, ["merge-base", "--is-ancestor", one, other])).ok;
    },

    async tagsAt(sha) {
      if (!isSha(sha)) return [];
      const words = ["for-each-ref", `--points-at=${sha}`, "--format=%(refname:lstrip=2)", "refs/tags"];
      const answer = await runGit(path, words);
      return answer.ok ? answer.output.split("\n").filter((tag) => tag !== "") : [];
    },

    async filesIn(sha, folder) {
      if (!isSha(sha)) return [];
      const answer = await runGit(path, ["ls-tree", "--full-tree", "-z", sha, `${folder}/`]);
      if (!answer.ok) return [];
      return answer.output.split("\0").flatMap((line) => {
        const [, file] = /^100\d{3} blob [0-9a-f]+\t(.+)$/su.exec(line) ?? [];
        return file === undefined ? [] : [file];
      });
    },

    async messageOf(sha) {
      if (!isSha(sha)) return null;
      const answer = await runGit(path, ["log", "-1", "--encoding=UTF-8", "--format=%B", "--end-of-options", sha]);
      return answer.ok ? answer.output.trimEnd() : null;
    },
  };
}
