import type { Sha } from "../ids.ts";

/** What the repository on this machine knows of its branches and tags. */
export interface CommitHistory {
  /** The commit that a full ref, or a branch of the remote by that name, names now; null when there is none. */
  tip(ref: string): Promise<Sha | null>;
  /**
   * The branch that others are made from, by its short name: what the remote says, else `main`, `master` or the one at hand.
   */
  defaultBranch(): Promise<string>;
  /** Whether a commit is the other, or one that came before it. False when either is not there. */
  isAncestor(one: Sha, other: Sha): Promise<boolean>;
  /** The short names of the tags that name a commit. */
  tagsAt(sha: Sha): Promise<readonly string[]>;
  /** Paths of the files in a folder of a commit, not in folders below; empty when it has no such folder. */
  filesIn(sha: Sha, folder: string): Promise<readonly string[]>;
  /** The message of a commit; null when it is not there. */
  messageOf(sha: Sha): Promise<string | null>;
}
