import type { CommitHistory, Forge, ProjectForge, SecretSource } from "@fairway/core";
import { gitForge } from "./git-forge.ts";
import { gitHistory } from "./git-history.ts";
import { githubForge } from "./github-forge/github-forge.ts";

/** Opens forges of one repository, each once. */
export interface OpenedForges {
  readonly open: (forge: ProjectForge | null, secrets: SecretSource) => Forge;
  readonly history: (forge: ProjectForge | null) => CommitHistory;
}

/**
 * Where a repository on this machine is kept with others, as its project says. `allowPrivate` is what the operator lets in
 * of private ranges, addresses and hosts.
 */
export function openForges(path: string, allowPrivate: readonly string[] = []): OpenedForges {
  const forges = new Map<string, Forge>();
  const histories = new Map<string | null, CommitHistory>();
  return {
    open(forge, secrets) {
      const key = JSON.stringify(forge);
      const known = forges.get(key) ?? forgeOf(path, forge, secrets, allowPrivate);
      forges.set(key, known);
      return known;
    },
    history(forge) {
      const remote = forge?.remote ?? null;
      const known = histories.get(remote) ?? gitHistory({ path, remote });
      histories.set(remote, known);
      return known;
    },
  };
}

const forgeOf = (
  path: string,
  forge: ProjectForge | null,
  secrets: SecretSource,
  allowPrivate: readonly string[],
): Forge =>
  forge?.kind === "github"
    ? githubForge({ config: forge, path, secrets, allowPrivate })
    : gitForge({ path, remote: forge?.remote ?? null, every: forge?.every ?? null });
