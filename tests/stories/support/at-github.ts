import { createHmac } from "node:crypto";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ForgeConfig } from "@fairway/config";
import type { MemoryGitHub } from "@fairway/conformance";
import { memoryGitHub } from "@fairway/conformance";
import type { Client } from "@fairway/api";
import type { GitProject } from "./git-project.ts";
import { gitProject } from "./git-project.ts";

/** What the repository is called there. */
export const repository = "acme/shop";
const [token, secret] = ["t0ken", "a long secret"];

/** What happened to a pull request, as GitHub names it. */
type PullAction = "opened" | "synchronize" | "closed";

/** A repository at a double of GitHub that tells the daemon by webhooks what happens there. */
export interface AtGitHub {
  /** What was asked of GitHub, and what it was told. */
  readonly github: MemoryGitHub;
  /** How a project's configuration names it. */
  readonly forge: ForgeConfig;
  /** Where people work; what they push is at GitHub. */
  readonly work: GitProject;
  /** A directory for the story, with nothing in it but what is named here. */
  readonly place: string;
  /** Clones what was pushed to where the daemon has it, with the secrets of its forge. */
  clone(): Promise<GitProject>;
  /** Sends a webhook, signed with the secret that both know when nothing else is said; gives the status of the answer. */
  deliver(
    client: Client,
    event: string,
    body: object,
    how?: { readonly id?: string; readonly by?: string },
  ): Promise<number>;
  /** Pushes a branch or a tag by its whole name; GitHub tells it. */
  push(client: Client, ref: string): Promise<void>;
  /** Pushes what is checked out as the newest commit of a pull request, unless it is closed; GitHub tells it. */
  pull(client: Client, number: number, action: PullAction): Promise<void>;
  /** The newest state of each thing that GitHub was told of a commit, by its name. */
  statusesOf(sha: string): Readonly<Record<string, unknown>>;
  /** The newest state of each deployment of a commit, by its environment. */
  deploymentsOf(sha: string): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Opens one with nothing in it. */
export async function atGitHub(): Promise<AtGitHub> {
  const github = await memoryGitHub(token);
  const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
  const remote = join(place, "remote.git");
  const work = await gitProject(join(place, "work"));
  await work.git("init", "--quiet", "--bare", "--initial-branch", "main", remote);
  await work.git("remote", "add", "origin", remote);
  const pushed = new Map<string, string>();
  const heads = new Map<number, string>();
  let deliveries = 0;

  const deliver: AtGitHub["deliver"] = async (client, event, body, { id, by = secret } = {}) => {
    const text = JSON.stringify({ repository: { full_name: repository }, sender: { login: "dana" }, ...body });
    deliveries += 1;
    const answer = await fetch(`${client.url}/hooks/github`, {
      method: "POST",
      body: text,
      headers: {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": id ?? `delivery-${deliveries}`,
        "x-hub-signature-256": `sha256=${createHmac("sha256", by).update(text).digest("hex")}`,
      },
    });
    return answer.status;
  };
  async function tell(client: Client, event: string, body: object): Promise<void> {
    const status = await deliver(client, event, body);
    if (status !== 202) throw new Error(`the webhook got ${status}`);
  }

  return {
    github,
    work,
    place,
    deliver,
    forge: {
      github: {
        repository,
        api: github.url,
        token: { secret: "GITHUB_TOKEN" },
        webhookSecret: { secret: "GITHUB_HOOK" },
        allowPrivate: ["127.0.0.1/32"],
      },
    },
    async clone() {
      const project = await gitProject(join(place, "project"));
      await project.git("remote", "add", "origin", remote);
      await project.git("pull", "--quiet", "origin", "main");
      const secrets = join(place, "data", "secrets");
      await mkdir(secrets, { recursive: true, mode: 0o700 });
      await writeFile(join(secrets, "forge.env"), `GITHUB_TOKEN=${token}\nGITHUB_HOOK=${secret}\n`, { mode: 0o600 });
      return project;
    },
    async push(client, ref) {
      const after = await work.git("rev-parse", ref);
      await work.git("push", "--quiet", "origin", ref);
      const before = pushed.get(ref) ?? "0".repeat(40);
      pushed.set(ref, after);
      const message = await work.git("log", "-1", "--format=%s", after);
      await tell(client, "push", { ref, before, after, commits: [], head_commit: { message } });
    },
    async pull(client, number, action) {
      const isClosed = action === "closed";
      const sha = isClosed ? (heads.get(number) ?? "") : await work.git("rev-parse", "HEAD");
      heads.set(number, sha);
      if (!isClosed) await work.git("push", "--quiet", "--force", "origin", `${sha}:refs/pull/${number}/head`);
      const side = (ref: string, at: string): object => ({ ref, sha: at, repo: { full_name: repository } });
      const pull = {
        ...{ number, state: isClosed ? "closed" : "open", title: "Keep notes", updated_at: new Date().toISOString() },
        head: side("notes", sha),
        base: side("main", await work.git("rev-parse", "main")),
      };
      // Who looks instead of listening must find the same.
      github.pulls = isClosed ? [] : [pull];
      await tell(client, "pull_request", { action, number, pull_request: pull });
    },
    statusesOf: (sha) =>
      Object.fromEntries(
        (github.made["statuses"] ?? [])
          .filter((told) => told["sha"] === sha)
          .map(({ context, state }) => [context, state]),
      ),
    deploymentsOf: (sha) =>
      Object.fromEntries(
        (github.made["deployments"] ?? [])
          .filter((told) => told["sha"] === sha)
          .map(({ environment, statuses }) => [
            environment,
            (statuses as readonly { readonly state: string }[] | undefined)?.at(-1)?.state,
          ]),
      ),
    async close() {
      await github.close();
      await rm(place, { recursive: true, force: true });
    },
  };
}
