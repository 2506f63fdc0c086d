import type { Forge, ForgeState, Millis, Sha } from "@fairway/core";
import { branchOf, FairwayError, isRefName, tagOf } from "@fairway/core";
import type { GitOptions } from "./git/run-git.ts";
import { runGit } from "./git/run-git.ts";

export interface GitForgeOptions {
  /** Anywhere inside of a working tree, or a bare repository. */
  readonly path: string;
  /** Looked at and fetched from; null: the repository's own branches are what there is. */
  readonly remote: string | null;
  /** Between two looks; null where something else tells what happens. */
  readonly every: Millis | null;
  /** What a server is shown that wants to know who asks. */
  readonly login?: () => Promise<GitOptions["login"]>;
}

const fetchWithin: Millis = 10 * 60_000;

/**
 * A git repository as it stands: its hook tells what is pushed, and what nobody told is found by looking. It has no place
 * for what became of a commit, so it is told nothing.
 */
export function gitForge({ path, remote, every, login }: GitForgeOptions): Forge {
  let last = "";
  const overNetwork = async (words: readonly string[]) => {
    if (remote === null) throw new FairwayError("internal", "there is no remote to ask");
    const options = await wayTo(path, remote, login);
    return runGit(path, words, { ...options, timeout: fetchWithin });
  };
  return {
    name: "git",
    takes: new Set(),
    lookEvery: every,

    readDelivery: async () => ({
      accepted: false,
      status: 404,
      why: "plain git sends no webhooks: its hook says what was pushed, see fairway hooks install",
    }),

    async fetch(refs) {
      if (remote === null) return;
      const specs = refs.filter(isRefName).map((ref) => `+${ref}:${placeOf(ref, remote)}`);
      if (specs.length === 0) return;
      const words = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
      const answer = await overNetwork([...words, "--end-of-options", remote, ...specs]);
      // A branch that was deleted in between has nothing to bring.
      if (answer.ok || /couldn't find remote ref/u.test(answer.reason)) return;
      throw unreachable(remote, answer.reason);
    },

    async look() {
      const answer =
        remote === null
          ? await runGit(path, [
              "for-each-ref",
              "--format=%(objectname) %(refname)%0a%(*objectname) %(refname)^{}",
              "refs/heads",
              "refs/tags",
            ])
          : await overNetwork(["ls-remote", "--heads", "--tags", "--end-of-options", remote]);
      if (!answer.ok) throw unreachable(remote ?? path, answer.reason);
      if (answer.output === last) return null;
      last = answer.output;
      return stateOf(answer.output);
    },

    report: async () => ({ outcome: "refused", why: "plain git has no place for it" }),
  };
}

/** Lines of `sha ref`, and `sha ref^{}` with what an annotated tag names. */
function stateOf(listed: string): ForgeState {
  const refs = new Map<string, Sha>();
  for (const line of listed.split("\n")) {
    const [, sha, ref] = /^([0-9a-f]{40,64})\s(.+)$/u.exec(line) ?? [];
    if (sha === undefined || ref === undefined) continue;
    const name = ref.replace(/\^\{\}$/u, "");
    if (isRefName(name)) refs.set(name, sha);
  }
  return { refs, pulls: [] };
}

/** Where what a remote calls so is kept here. */
const placeOf = (ref: string, remote: string): string => {
  const [branch, tag] = [branchOf(ref), tagOf(ref)];
  if (branch !== null) return `refs/remotes/${remote}/${branch}`;
  return tag !== null ? ref : `refs/fairway/${ref.slice("refs/".length)}`;
};

/** How a remote may be spoken to. What runs a program, as `ext::` does, is no way. Throws `not_found`, `bad_request`. */
async function wayTo(path: string, remote: string, login: GitForgeOptions["login"]): Promise<GitOptions> {
  const answer = await runGit(path, ["remote", "get-url", "--", remote]);
  if (!answer.ok)
    throw new FairwayError("not_found", `the repository has no remote "${remote}"`, {
      hint: `add it: git remote add ${remote} <url>`,
    });
  const url = answer.output.trim();
  if (url.startsWith("-") || url.includes("::"))
    throw new FairwayError("bad_request", `the remote "${remote}" has an address that would run a program`, {
      hint: `give it another: git remote set-url ${remote} <url>`,
    });
  if (/^(?:https|ssh):\/\//u.test(url) || /^[^/]+@[^/]+:/u.test(url)) return { login: await login?.() };
  if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(url) && !url.startsWith("file://"))
    throw new FairwayError("bad_request", `the remote "${remote}" is not spoken to safely`, {
      hint: "give it an address of https:// or ssh://",
    });
  return { fromPath: true };
}

const unreachable = (what: string, reason: string): FairwayError =>
  new FairwayError("target_unreachable", `could not read ${what}: ${reason}`, { retryable: true });
