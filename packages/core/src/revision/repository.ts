import type { CommitAuthor } from "../gate/approval-terms.ts";
import type { Digest, Sha } from "../ids.ts";
import type { Revision } from "../release/release.ts";

/** Which commits are asked for. */
export interface CommitRange {
  readonly from: Sha;
  readonly to: Sha;
  readonly paths: readonly string[];
  readonly limit: number;
}

/** Which repository it is. */
export interface RepositoryIdentity {
  /** What `git fetch` takes. */
  readonly path: string;
  /** `acme/shop` when it came from a server, else the name of its folder. */
  readonly name: string;
  /** Where people find it on the web; absent where it came from no server. */
  readonly url?: string | undefined;
}

/** Where commits come from. */
export interface Repository {
  /** The revision that a branch, tag, hash or `HEAD` names now. Throws `revision_not_found`. */
  resolve(ref: string): Promise<Revision>;
  /** Puts the files of a commit into an empty directory, submodules too. Throws `checkout_failed`. */
  checkout(sha: Sha, directory: string): Promise<void>;
  /** Puts a commit with its history into a directory that is not there yet, as a bare repository. Throws `checkout_failed`. */
  copy(sha: Sha, directory: string): Promise<void>;
  /** Changes when any file below one of these paths does. A path that is not there counts as empty. */
  fingerprint(sha: Sha, paths: readonly string[]): Promise<Digest>;
  /**
   * The commits that `to` has and `from` has not, newest first, at most `limit`; only those that changed something below
   * one of the paths, or all when none is given. Throws `revision_not_found` when one of the two is not there any more.
   */
  commits(range: CommitRange): Promise<readonly Revision[]>;
  /**
   * Who wrote the commits that `to` has and `from` has not, or helped to, each once; of `to` alone without `from`, or where
   * that is not there any more. Throws `revision_not_found` when `to` is not.
   */
  authors(from: Sha | null, to: Sha): Promise<readonly CommitAuthor[]>;
  /**
   * What the next commits after one have added, of those that `to` has and `from` has not, the oldest first, at most `limit`:
   * as `git log -p --full-index` has it, with a mark before each. `last`: the last of them; null where there is none any more.
   * `skipped`: commits that have added more than can be read. Absent where the repository cannot say.
   */
  patches?(range: {
    readonly from: Sha | null;
    readonly to: Sha;
    readonly after: Sha | null;
    readonly limit: number;
    /** Only which commits they are. */
    readonly withText?: boolean;
  }): Promise<{ readonly text: string; readonly last: Sha | null; readonly skipped: readonly Sha[] }>;
  /**
   * Puts files of the history, each called by its hash, into a directory that has none of them. Those that are larger than
   * `most` bytes are left out, and answered. Throws `revision_not_found` where one is not there. Absent where {@link patches}
   * is.
   */
  putBlobs?(wanted: {
    readonly blobs: readonly Sha[];
    readonly directory: string;
    readonly most: number;
  }): Promise<readonly Sha[]>;
  /** Paths with changes that are in no commit; empty when the tree is clean or there is none. */
  uncommitted(): Promise<readonly string[]>;
  /** The text of a file in a commit; undefined when the commit has no such file. */
  textOf(sha: Sha, path: string): Promise<string | undefined>;
  /** Paths that differ between two commits; undefined when the first is not there. */
  changedPaths(from: Sha, to: Sha): Promise<readonly string[] | undefined>;
  /** Where git finds the repository on this machine, and what it is called where it came from: `owner/name`. */
  identity(): Promise<RepositoryIdentity>;
}
