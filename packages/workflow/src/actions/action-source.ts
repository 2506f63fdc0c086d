import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { codeOf, FairwayError, messageOf, type Millis } from "@fairway/core";
import type { ActionFiles, WantedAction } from "../running/job-host.ts";
import { type ActionLock, keyOf, lockedSha, renew } from "./action-lock.ts";

export interface ActionSourceOptions {
  /** Where fetched actions are kept: `<owner>/<name>/<sha>`. Users of jobs must be able to read it, and not to write. */
  readonly folder: string;
  /** Where repositories are: `https://github.com`, or a mirror of it, a folder of bare repositories too. */
  readonly server?: string;
  /** What git may take for one fetch. */
  readonly deadline?: Millis;
}

/** Fetches actions from their git repositories, at the commits that a lock names and at no other. */
export class ActionSource {
  readonly #folder: string;
  readonly #server: string;
  readonly #deadline: Millis;
  readonly #fetching = new Map<string, Promise<string>>();

  constructor({ folder, server = "https://github.com", deadline = 120_000 }: ActionSourceOptions) {
    this.#folder = folder;
    this.#server = server.replace(/\/+$/, "");
    this.#deadline = deadline;
  }

  /**
   * The files of an action, fetched if they are not there yet; may be called as often as one likes. Throws
   * `not_allowed_now` when the lock does not name the action or its tag has moved, `revision_not_found` when the commit is
   * gone, and `checkout_failed`, retryable, when the repository cannot be reached.
   */
  async files({ repository, ref }: WantedAction, lock: ActionLock): Promise<ActionFiles> {
    checkNames(repository, ref);
    const sha = lockedSha(lock, repository, ref);
    if (sha === undefined) {
      throw new FairwayError("not_allowed_now", `the action ${repository}@${ref} is not locked to a commit`, {
        hint: renew,
      });
    }
    const folder = join(this.#folder, repository.toLowerCase(), sha);
    if (await exists(folder)) return { folder, sha };
    let fetching = this.#fetching.get(folder);
    if (fetching === undefined) {
      fetching = this.#fetch(repository, ref, sha, folder).finally(() => this.#fetching.delete(folder));
      this.#fetching.set(folder, fetching);
    }
    return { folder: await fetching, sha };
  }

  /** The commit that a branch or tag stands for now; undefined when there is none of that name. */
  async commitOf({ repository, ref }: WantedAction): Promise<string | undefined> {
    checkNames(repository, ref);
    if (/^[0-9a-f]{40}$/.test(ref)) return ref;
    const names = [`refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`];
    const listed = await this.#git(
      ["ls-remote", "--", this.#addressOf(repository), `refs/tags/${ref}*`, `refs/heads/${ref}`],
      repository,
    );
    const shas = new Map(listed.split("\n").map((line) => [line.slice(41), line.slice(0, 40)]));
    return names.map((name) => shas.get(name)).find((sha) => sha !== undefined);
  }

  /** A lock for these actions as they are now. Throws `revision_not_found` for one that is nowhere. */
  async lock(wanted: readonly WantedAction[]): Promise<ActionLock> {
    const lock = new Map<string, string>();
    for (const action of wanted) {
      const key = keyOf(`${action.repository}@${action.ref}`);
      if (lock.has(key) || /^[0-9a-f]{40}$/.test(action.ref)) continue;
      const sha = await this.commitOf(action);
      if (sha === undefined) {
        throw new FairwayError("revision_not_found", `${action.repository} has no branch or tag ${action.ref}`);
      }
      lock.set(key, sha);
    }
    return lock;
  }

  async #fetch(repository: string, ref: string, sha: string, folder: string): Promise<string> {
    const now = await this.commitOf({ repository, ref });
    if (now !== undefined && now !== sha) {
      throw new FairwayError(
        "not_allowed_now",
        `${repository}@${ref} was moved: the lock has ${sha.slice(0, 12)}, and it is ${now.slice(0, 12)} now`,
        { hint: `Look at what changed between the two before you trust it. ${renew}` },
      );
    }
    await mkdir(join(folder, ".."), { recursive: true });
    const draft = await mkdtemp(join(folder, "../draft-"));
    try {
      const at = ["-C", draft];
      await this.#git([...at, "init", "--quiet", "."], repository);
      await this.#git(
        [...at, "fetch", "--quiet", "--depth", "1", "--no-tags", "--", this.#addressOf(repository), sha],
        repository,
      );
      await this.#git([...at, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", sha], repository);
      await rm(join(draft, ".git"), { recursive: true });
      await this.#publish(draft, folder);
      return folder;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  /** Whole or not at all; another daemon may have been faster. */
  async #publish(draft: string, folder: string): Promise<void> {
    // mkdtemp lets only its owner in.
    await chmod(draft, 0o755);
    try {
      await rename(draft, folder);
    } catch (thrown) {
      if (!(await exists(folder))) throw thrown;
    }
  }

  #addressOf(repository: string): string {
    return `${this.#server}/${repository}`;
  }

  async #git(args: readonly string[], repository: string): Promise<string> {
    try {
      const { stdout } = await promisify(execFile)("git", args, {
        timeout: this.#deadline,
        maxBuffer: 16 * 1024 * 1024,
        env: { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "" },
      });
      return stdout;
    } catch (thrown) {
      if (codeOf(thrown) !== undefined) throw thrown;
      const {
        code,
        killed,
        stderr = "",
      } = thrown as { readonly code?: unknown; readonly killed?: boolean; readonly stderr?: string };
      if (code === "ENOENT")
        throw new FairwayError("git_missing", "the git program is not installed", { cause: thrown });
      if (/not our ref|reference is not a tree|couldn't find remote ref/.test(stderr)) {
        throw new FairwayError("revision_not_found", `${repository} no longer has the locked commit`, {
          cause: thrown,
          hint: renew,
        });
      }
      const why =
        killed === true
          ? `no answer within ${this.#deadline / 1000} s`
          : stderr.trim().split("\n").at(-1) || messageOf(thrown);
      throw new FairwayError(
        "checkout_failed",
        `the action ${repository} could not be fetched from ${this.#server}: ${why}`,
        {
          cause: thrown,
          retryable: true,
          hint: "Without a way to that server, keep mirrors of the actions (bare git repositories) and say where they are, or use a built-in action.",
        },
      );
    }
  }
}

/** Names become folders and arguments. */
function checkNames(repository: string, ref: string): void {
  const part = String.raw`(?!\.{1,2}(?:/|$))[A-Za-z0-9_.][\w.-]*`;
  if (
    !new RegExp(`^${part}/${part}$`).test(repository) ||
    !/^(?!-)[^\s~^:?*[\\\p{Cc}]+$/u.test(ref) ||
    ref.includes("..")
  ) {
    throw new FairwayError("bad_request", `"${repository}@${ref}" names no action`, { hint: "It is owner/name@ref." });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false; // Then it is fetched.
  }
}
