import { basename, dirname } from "node:path";
import {
  codeOf,
  FairwayError,
  messageOf,
  type Repository,
  type RepositoryIdentity,
  type Revision,
  type Sha,
} from "@fairway/core";
import { authorsOf } from "./git/authors.ts";
import { checkOut } from "./git/checkout.ts";
import { copyCommit } from "./git/copy-commit.ts";
import { fingerprintOf } from "./git/fingerprint.ts";
import { nearNames } from "./git/near-names.ts";
import { readObject } from "./git/object-reader.ts";
import { patchesOf } from "./git/patches.ts";
import { putBlobs } from "./git/put-blobs.ts";
import { runGit } from "./git/run-git.ts";
import { sharedRead } from "./git/shared-read.ts";

export interface GitRepositoryOptions {
  /** Anywhere inside of a working tree, or a bare repository. */
  readonly path: string;
}

/**
 * A repository on this machine, by the installed git. What people wrote into it, names of branches and messages alike,
 * is data: a ref is turned into a hash once, and after that only hashes are given to git.
 */
export function gitRepository({ path }: GitRepositoryOptions): Repository {
  return {
    async resolve(ref) {
      const sha = await shaOf(path, ref);
      return { ...(await describe(path, sha)), ...(await nameOf(path, ref, sha)) };
    },

    async checkout(sha, directory) {
      assertSha(sha);
      await assertRepository(path);
      await checkOut(path, sha, directory);
    },

    async copy(sha, directory) {
      assertSha(sha);
      await assertRepository(path);
      await copyCommit(path, sha, directory);
    },

    async fingerprint(sha, paths) {
      assertSha(sha);
      await assertRepository(path);
      return fingerprintOf(path, sha, paths);
    },

    async commits({ from, to, paths, limit }) {
      assertSha(from);
      assertSha(to);
      await assertRepository(path);
      const range = ["--end-of-options", `${from}..${to}`, "--", ...paths];
      const answer = await runGit(path, ["log", `-${limit}`, ...described, ...range]);
      if (!answer.ok) throw new FairwayError("revision_not_found", `cannot read ${from}..${to}: ${answer.reason}`);
      return answer.output.split("\x1e").flatMap((record) => (record.trim() === "" ? [] : [revisionOf(record)]));
    },

    async uncommitted() {
      await assertRepository(path);
      const inside = await runGit(path, ["rev-parse", "--is-inside-work-tree"]);
      if (!inside.ok || inside.output.trim() !== "true") return [];
      const words = ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=normal"];
      const answer = await runGit(path, words);
      if (!answer.ok) throw notARepository(path, answer.reason);
      return answer.output.split("\0").flatMap((line) => (line === "" ? [] : [line.slice(3)]));
    },

    async textOf(sha, file) {
      assertSha(sha);
      if (file.includes("\0")) return undefined;
      const read = await readObject(path, `${sha}:${file}`);
      if (read === "missing") return undefined;
      if (read !== "ask alone") return read.type === "blob" ? read.text : undefined;
      const answer = await runGit(path, ["cat-file", "blob", `${sha}:${file}`]);
      if (answer.ok) return answer.output;
      await assertRepository(path);
      return undefined;
    },

    authors(from, to) {
      assertSha(to);
      if (from !== null) assertSha(from);
      return authorsOf(path, from, to);
    },

    async changedPaths(from, to) {
      assertSha(from);
      assertSha(to);
      const known = await runGit(path, ["cat-file", "-e", `${from}^{commit}`]);
      if (!known.ok) return undefined;
      const answer = await runGit(path, ["diff", "--name-only", "--no-renames", "-z", from, to, "--"]);
      if (!answer.ok)
        throw new FairwayError("revision_not_found", `cannot compare ${from} and ${to}: ${answer.reason}`);
      return answer.output.split("\0").filter((name) => name !== "");
    },

    async patches(range) {
      for (const sha of [range.from, range.to, range.after]) if (sha !== null) assertSha(sha);
      await assertRepository(path);
      return patchesOf(path, range);
    },

    async putBlobs(wanted) {
      for (const blob of wanted.blobs) assertSha(blob);
      await assertRepository(path);
      return putBlobs(path, wanted);
    },

    identity: () => identityOf(path),
  };
}

/** What a remote calls the repository, `acme/shop` of `git@github.com:acme/shop.git`; else the name of its folder. */
async function identityOf(path: string): Promise<RepositoryIdentity> {
  await assertRepository(path);
  const common = await runGit(path, ["rev-parse", "--path-format=absolute", "--git-common-dir"]);
  if (!common.ok) throw notARepository(path, common.reason);
  const directory = common.output.trim();
  const remote = await runGit(path, ["config", "--get", "remote.origin.url"]);
  const named = remote.ok ? /([^/:]+)\/([^/]+?)(?:\.git)?\/?$/.exec(remote.output.trim()) : null;
  const isServer = remote.ok && /^(?:https?|ssh|git):\/\/|^[^/]+@[^/]+:/.test(remote.output.trim());
  const folder = basename(directory) === ".git" ? basename(dirname(directory)) : basename(directory, ".git");
  if (!isServer || !named) return { path: directory, name: folder };
  return { path: directory, name: `${named[1]}/${named[2]}`, url: webAddress(remote.output.trim()) };
}

/** A remote's address as browsers take it, without the name and password that may stand in it. */
const webAddress = (remote: string): string =>
  remote.replace(/^(?:[a-z]+:\/\/)?(?:[^/]*@)?([^/:@]+)(?::\d+(?=\/))?[:/](.*?)(?:\.git)?\/?$/, "https://$1/$2");

/** Why git cannot be run on this machine, as a sentence; null when it can. Costs a process of a few milliseconds. */
export async function lackOfGit(): Promise<string | null> {
  try {
    await runGit("/", ["--version"]);
    return null;
  } catch (thrown) {
    const why =
      codeOf(thrown) === "git_missing" ? "git is not on the PATH" : `git cannot be run (${messageOf(thrown)})`;
    return `${why}: until it is, nothing can be released; what was released can be deployed and rolled back`;
  }
}

async function shaOf(path: string, ref: string): Promise<Sha> {
  // Git itself allows none of these in a name; the first would be taken for an option.
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (ref === "" || ref.startsWith("-") || /[\u0000-\u001f\u007f]/.test(ref)) {
    throw new FairwayError("revision_not_found", `${JSON.stringify(ref)} cannot name a revision`);
  }
  const read = await readObject(path, `${ref}^{commit}`);
  if (typeof read !== "string") return read.id;
  if (read === "ask alone") {
    const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
    const answer = await runGit(path, words);
    if (answer.ok) return answer.output.trim();
  }
  await assertRepository(path);
  throw await noSuchRevision(path, ref);
}

/** The branch or tag that was asked for; null for a hash, and for HEAD when it is on no branch. */
async function nameOf(path: string, ref: string, sha: Sha): Promise<Pick<Revision, "ref" | "isTag">> {
  if (sha.startsWith(ref)) return { ref: null };
  const answer = await runGit(path, ["rev-parse", "--symbolic-full-name", "--end-of-options", ref]);
  // An old git repeats the marker; the name is the last line.
  const full = answer.ok ? (answer.output.trim().split("\n").at(-1) ?? "") : "";
  const [, kind, name = null] = /^refs\/(heads|tags|remotes)\/(.+)$/.exec(full) ?? [];
  return { ref: name, ...(kind === "tags" ? { isTag: true } : {}) };
}

/**
 * Each commit as one record that {@link revisionOf} reads. Messages hold no zero character, and git folds subjects to a line.
 */
const described = ["--encoding=UTF-8", "--format=%H%x00%h%x00%s%x00%an%x00%ct%x00%x1e"];

async function describe(path: string, sha: Sha): Promise<Revision> {
  const answer = await runGit(path, ["log", "-1", ...described, "--end-of-options", sha]);
  if (!answer.ok) throw new FairwayError("revision_not_found", `cannot read commit ${sha}: ${answer.reason}`);
  return revisionOf(answer.output);
}

function revisionOf(record: string): Revision {
  const [sha = "", short = "", subject = "", author = "", seconds = "0"] = record.trimStart().split("\0");
  return { sha, short, subject, author, committedAt: new Date(Number(seconds) * 1000).toISOString(), ref: null };
}

async function noSuchRevision(path: string, ref: string): Promise<FairwayError> {
  const all = await runGit(path, ["rev-list", "--max-count=1", "--all"]);
  if (all.ok && all.output === "") {
    return new FairwayError("revision_not_found", `the repository ${path} has no commits yet`, {
      hint: "Make the first one: git add . && git commit",
    });
  }
  const words = ["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", "refs/tags", "refs/remotes"];
  const refs = await runGit(path, words);
  const near = nearNames(ref, refs.ok ? refs.output.split("\n").filter((name) => name !== "") : []);
  const shallow = await runGit(path, ["rev-parse", "--is-shallow-repository"]);
  const hints = [
    ...(near.length > 0 ? [`Did you mean ${near.map((name) => JSON.stringify(name)).join(" or ")}?`] : []),
    ...(shallow.ok && shallow.output.trim() === "true"
      ? ["The clone is shallow; `git fetch --unshallow` brings older commits."]
      : []),
  ];
  return new FairwayError("revision_not_found", `the repository has no commit, branch or tag ${JSON.stringify(ref)}`, {
    hint: hints.length > 0 ? hints.join(" ") : "`git branch --all` and `git tag` list what there is.",
  });
}

async function assertRepository(path: string): Promise<void> {
  const answer = await sharedRead(`repository ${path}`, () => runGit(path, ["rev-parse", "--git-dir"]));
  if (!answer.ok) throw notARepository(path, answer.reason);
}

function notARepository(path: string, reason: string): FairwayError {
  if (reason.includes("dubious ownership")) {
    return new FairwayError("not_a_repository", `git does not trust ${path}: it belongs to another user`, {
      hint: `If you do: git config --global --add safe.directory ${path}`,
    });
  }
  return new FairwayError("not_a_repository", `${path} is not inside a git repository (${reason})`, {
    hint: "Make it one with: git init && git add . && git commit",
  });
}

function assertSha(sha: Sha): void {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return;
  throw new FairwayError("bad_request", `${JSON.stringify(sha)} is not a full commit hash`);
}
