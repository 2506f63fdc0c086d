import type { Digest, Sha } from "../ids.ts";
import type { Revision } from "../release/release.ts";

/** Which commits are asked for. */
export interface CommitRange {
  readonly from: Sha;
  readonly to: Sha;
  readonly paths: readonly string[];
  readonly limit: number;
}

/** Where commits come from. */
export interface Repository {
  /** The revision that a branch, tag, hash or `HEAD` names now. Throws `revision_not_found`. */
  resolve(ref: string): Promise<Revision>;
  /** Puts the files of a commit into an empty directory, submodules too. Throws `checkout_failed`. */
  checkout(sha: Sha, directory: string): Promise<void>;
  /** Changes when any file below one of these paths does. A path that is not there counts as empty. */
  fingerprint(sha: Sha, paths: readonly string[]): Promise<Digest>;
  /**
   * The commits that `to` has and `from` has not, newest first, at most `limit`; only those that changed something below
   * one of the paths, or all when none is given. Throws `revision_not_found` when one of the two is not there any more.
   */
  commits(range: CommitRange): Promise<readonly Revision[]>;
  /** Paths with changes that are in no commit; empty when the tree is clean or there is none. */
  uncommitted(): Promise<readonly string[]>;
}
