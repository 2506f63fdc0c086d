import type { Forge, ForgeReport, Millis, OpenPull, ProjectForge, SecretSource } from "@fairway/core";
import { FairwayError, isSha } from "@fairway/core";
import { gitForge } from "../git-forge.ts";
import type { GuardedFetchOptions } from "../outgoing/guarded-fetch.ts";
import { guardedFetch } from "../outgoing/guarded-fetch.ts";
import type { GitHubAnswer } from "./github-api.ts";
import { githubApi } from "./github-api.ts";
import { githubLogin } from "./github-login.ts";
import { isRecord, recordAt, textAt } from "./read-github-event.ts";
import { readWebhook } from "./read-webhook.ts";
import { tellGitHub } from "./tell-github.ts";

export interface GitHubForgeOptions {
  readonly config: ProjectForge & { readonly kind: "github" };
  /** Of the local repository. */
  readonly path: string;
  readonly secrets: SecretSource;
  /** Private ranges, addresses and hosts that the operator lets in. */
  readonly allowPrivate?: readonly string[];
  /** For tests: what a name's addresses are. */
  readonly resolve?: GuardedFetchOptions["resolve"];
}

/** Secrets of forges are looked up as if they were those of an environment by this name. */
const scope = "forge";
const secretsKept: Millis = 5_000;

/** A repository at GitHub: what happens there comes by webhooks and by looking, what becomes of a commit is told there. */
export function githubForge({ config, path, secrets, allowPrivate, resolve }: GitHubForgeOptions): Forge {
  const { repository, remote, api: base, login, webhookSecret, formerWebhookSecret, every } = config;
  const secret = async (name: string): Promise<string> => {
    const value = (await secrets.lookUp(scope, [name]))[name];
    if (value !== undefined && value !== "") return value;
    throw new FairwayError("secret_missing", `the secret ${name} of the forge has no value`, {
      hint: `give it one: ${scope} is its environment`,
    });
  };
  const outgoing = guardedFetch({
    allowPrivate,
    expected: config.allowPrivate,
    timeout: 20_000,
    longestAnswer: 16 * 1024 * 1024,
    ...(resolve === undefined ? {} : { resolve }),
  });
  const token = githubLogin({ login, api: base, repository, outgoing, secret });
  const api = githubApi({ api: base, token, outgoing });
  const host = base === "https://api.github.com" ? "https://github.com/" : `${new URL(base).origin}/`;
  const git = gitForge({
    path,
    remote,
    every,
    // For clones over https; those over ssh have keys of their own.
    login: async () => ({
      url: host,
      header: `Authorization: Basic ${Buffer.from(`x-access-token:${await token()}`).toString("base64")}`,
    }),
  });
  const at = `/repos/${repository}`;
  const reports: readonly ForgeReport["kind"][] = ["status", "deployment", "comment", "release"];
  // A token of a person cannot make check runs; GitHub lets only Apps.
  const takes = new Set<ForgeReport["kind"]>([...reports, ...(login.kind === "app" ? (["check-run"] as const) : [])]);
  let refs: Awaited<ReturnType<Forge["look"]>> = null;
  let pulls: readonly OpenPull[] | null = null;
  let hookSecrets: { readonly since: Millis; readonly values: Readonly<Record<string, string>> } | null = null;

  return {
    name: "github",
    takes,
    lookEvery: every,

    async readDelivery(delivery) {
      const names = [webhookSecret, formerWebhookSecret].flatMap((one) => (one === null ? [] : [one.secret]));
      // Whoever sends webhooks waits, and they come by the hundred: looked up every few seconds, not for each.
      if (hookSecrets === null || performance.now() - hookSecrets.since > secretsKept)
        hookSecrets = {
          since: performance.now(),
          values: names.length === 0 ? {} : await secrets.lookUp(scope, names),
        };
      const { values } = hookSecrets;
      return readWebhook(delivery, {
        secrets: names.flatMap((name) => (values[name] === undefined || values[name] === "" ? [] : [values[name]])),
        repository,
      });
    },

    fetch: (asked) => git.fetch(asked),

    async look() {
      const [newRefs, newPulls] = await Promise.all([git.look(), openPulls()]);
      if (newRefs === null && newPulls === null) return null;
      refs = newRefs ?? refs;
      pulls = newPulls ?? pulls;
      return { refs: refs?.refs ?? new Map(), pulls: pulls ?? [] };
    },

    report: async (report, id, key) =>
      takes.has(report.kind)
        ? tellGitHub({ api, at }, report, id, key)
        : { outcome: "refused", why: "GitHub takes check runs of Apps only, and we have a token" },
  };

  /** Null where nothing has changed since the last time. */
  async function openPulls(): Promise<readonly OpenPull[] | null> {
    const found: OpenPull[] = [];
    let next: string | null = `${at}/pulls?state=open&per_page=100`;
    for (let page = 0; next !== null && page < 50; page++) {
      // The first page alone is asked with the tag of what is known: a change of any open one shows there by its order.
      const answer: GitHubAnswer =
        page === 0 ? await api.look(`${next}&sort=updated&direction=desc`) : await api.ask("GET", next);
      if (answer.outcome === "unchanged") return null;
      if (answer.outcome !== "done")
        throw new FairwayError("target_unreachable", `could not read the pull requests: ${answer.why}`, {
          retryable: true,
        });
      found.push(...(Array.isArray(answer.body) ? (answer.body as unknown[]) : []).flatMap(pullOf));
      next = answer.next;
    }
    return found;
  }
}

function pullOf(body: unknown): readonly OpenPull[] {
  if (!isRecord(body)) return [];
  const { number } = body;
  const head = recordAt(body, "head");
  const base = recordAt(body, "base");
  const [ref, sha] = [head && textAt(head, "ref"), head && textAt(head, "sha")];
  const into = base && textAt(base, "ref");
  if (typeof number !== "number" || !ref || !sha || !isSha(sha) || !into || base === null || head === null) return [];
  const from = textAt(recordAt(head, "repo") ?? {}, "full_name");
  return [
    {
      number,
      title: textAt(body, "title") ?? "",
      head: { ref, sha },
      base: { ref: into, sha: textAt(base, "sha") },
      fromFork: from === null || from !== textAt(recordAt(base, "repo") ?? {}, "full_name"),
      by: textAt(recordAt(body, "user") ?? {}, "login") ?? "github",
    },
  ];
}
