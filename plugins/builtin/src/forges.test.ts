import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ForgeWorld } from "@fairway/conformance";
import { forgeSuite, memoryGitHub } from "@fairway/conformance";
import type { Forge, ForgeReport, ProjectForge, ReportReceipt } from "@fairway/core";
import { codeOf } from "@fairway/core";
import { expect, onTestFinished, test } from "vitest";
import { emulatedGitHub } from "../fixtures/emulated-github.ts";
import { gitForge } from "./git-forge.ts";
import { gitHistory } from "./git-history.ts";
import { githubApi } from "./github-forge/github-api.ts";
import { githubForge } from "./github-forge/github-forge.ts";
import { tellGitHub } from "./github-forge/tell-github.ts";
import { guardedFetch } from "./outgoing/guarded-fetch.ts";

const run = promisify(execFile);
const who = [
  "-c",
  "user.name=Ada",
  "-c",
  "user.email=ada@example.invalid",
  "-c",
  "commit.gpgsign=false",
  "-c",
  "tag.gpgsign=false",
];
const git = async (path: string, ...words: readonly string[]): Promise<string> =>
  (await run("git", ["-C", path, ...who, ...words])).stdout.trim();

/** A remote, a place to work in, and the local repository that only fetches. */
async function repositories(): Promise<{ readonly place: string; readonly local: string; readonly work: string }> {
  const place = await mkdtemp(join(tmpdir(), "fairway-forge-"));
  const [remote, work, local] = ["remote.git", "work", "local"].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  await run("git", ["init", "--quiet", "--bare", "--initial-branch", "main", remote]);
  for (const path of [work, local]) {
    await run("git", ["init", "--quiet", "--initial-branch", "main", path]);
    await git(path, "remote", "add", "origin", remote);
  }
  return { place, local, work };
}

async function world(
  open: (local: string) => Promise<{ readonly forge: Forge; told: ForgeWorld["told"]; close(): Promise<void> }>,
): Promise<ForgeWorld> {
  const { place, local, work } = await repositories();
  const { forge, told, close } = await open(local);
  return {
    forge,
    told,
    async push(branch) {
      await git(work, "commit", "--quiet", "--allow-empty", "--message", `on ${branch}`);
      const sha = await git(work, "rev-parse", "HEAD");
      await git(work, "push", "--quiet", "origin", `${sha}:refs/heads/${branch}`);
      return sha;
    },
    async tag(name, sha) {
      await git(work, "tag", "--annotate", "--message", name, name, sha);
      await git(work, "push", "--quiet", "origin", `refs/tags/${name}`);
    },
    remove: async (ref) => void (await git(work, "push", "--quiet", "origin", `:${ref}`)),
    has: (sha) =>
      git(local, "cat-file", "-e", `${sha}^{commit}`).then(
        () => true,
        () => false,
      ),
    async close() {
      await close();
      await rm(place, { recursive: true, force: true });
    },
  };
}

forgeSuite("plain git", () =>
  world(async (local) => ({
    forge: gitForge({ path: local, remote: "origin", every: 60_000 }),
    told: async () => 0,
    close: async () => undefined,
  })),
);

/** The operator lets this machine in. */
const allowPrivate = ["127.0.0.1/32"];
const config = (api: string, over: Partial<ProjectForge & { readonly kind: "github" }> = {}) => ({
  kind: "github" as const,
  repository: "acme/shop",
  remote: "origin",
  api,
  login: { kind: "token" as const, token: { secret: "TOKEN" } },
  webhookSecret: { secret: "HOOK" },
  formerWebhookSecret: null,
  every: 300_000,
  workflows: false,
  releases: false,
  allowPrivate: [],
  ...over,
});
const secrets = (values: Readonly<Record<string, string>>) => ({ lookUp: async () => values });
const kinds = {
  status: "statuses",
  deployment: "deployments",
  "check-run": "check-runs",
  comment: "comments",
  release: "releases",
} as const;

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
forgeSuite("GitHub with an App", () =>
  world(async (local) => {
    const github = await memoryGitHub("t0ken");
    const login = { kind: "app" as const, app: 3, installation: null, key: { secret: "KEY" } };
    return {
      forge: githubForge({
        config: config(github.url, { login }),
        path: local,
        secrets: secrets({ KEY: privateKey }),
        allowPrivate,
      }),
      told: async (kind) => github.made[kinds[kind]]?.length ?? 0,
      close: github.close,
    };
  }),
);

const sha = "a".repeat(40);
const status = {
  kind: "status",
  sha,
  context: "fairway/release",
  state: "success",
  description: "x".repeat(500),
  url: null,
} as const;

async function githubAlone(): Promise<{
  readonly github: Awaited<ReturnType<typeof memoryGitHub>>;
  readonly forge: Forge;
}> {
  const github = await memoryGitHub("t0ken");
  onTestFinished(() => github.close());
  return {
    github,
    forge: githubForge({
      config: config(github.url),
      path: tmpdir(),
      secrets: secrets({ TOKEN: "t0ken" }),
      allowPrivate,
    }),
  };
}

test("GitHub's wish for a pause is kept, and nothing is asked meanwhile", async () => {
  const { github, forge } = await githubAlone();
  github.failNext({ status: 429, headers: { "retry-after": "120" } });
  expect(await forge.report(status, null, "k")).toMatchObject({ outcome: "later", after: 120_000 });
  expect(await forge.report(status, null, "k")).toMatchObject({ outcome: "later" });
  expect(github.requests.length).toBe(1);
});

test("a deployment whose making nobody heard of is found again, and 5xx and a wrong token are told apart", async () => {
  const { github, forge } = await githubAlone();
  const report = {
    kind: "deployment",
    sha,
    environment: "live",
    production: true,
    state: "in_progress",
    description: "r1",
    environmentUrl: "https://shop.example",
    url: null,
  } as const;
  github.failNext({ status: 502 });
  expect(await forge.report(report, null, "deployment run-1")).toMatchObject({ outcome: "later", after: null });
  // It looks for one, makes it, and the answer is lost.
  github.failNext({ status: 200 }, { status: "lost" });
  const lost = await forge.report(report, null, "deployment run-1");
  expect(lost.outcome).toBe("later");
  const told = await forge.report({ ...report, state: "success" }, null, "deployment run-1");
  expect(told.outcome).toBe("told");
  const [deployment] = github.made["deployments"] ?? [];
  expect([github.made["deployments"]?.length, deployment]).toEqual([
    1,
    expect.objectContaining({
      required_contexts: [],
      auto_merge: false,
      production_environment: true,
      statuses: [expect.objectContaining({ state: "success", environment_url: "https://shop.example" })],
    }),
  ]);
  const wrong = githubForge({
    config: config(github.url),
    path: tmpdir(),
    secrets: secrets({ TOKEN: "wrong" }),
    allowPrivate,
  });
  const refused = await wrong.report(status, null, "k");
  expect(refused).toMatchObject({ outcome: "refused", why: expect.stringContaining("Bad credentials") });
  expect(JSON.stringify(refused)).not.toContain("wrong");
});

test("pull requests are looked at with a tag, so that looking again costs nothing", async () => {
  const { place, local } = await repositories();
  const github = await memoryGitHub("t0ken");
  onTestFinished(async () => {
    await github.close();
    await rm(place, { recursive: true, force: true });
  });
  const side = (ref: string, from: string): object => ({ ref, sha, repo: { full_name: from } });
  github.pulls = [
    {
      number: 7,
      title: "<script>",
      user: { login: "dana" },
      head: side("topic", "mallory/shop"),
      base: side("main", "acme/shop"),
    },
  ];
  const forge = githubForge({
    config: config(github.url),
    path: local,
    secrets: secrets({ TOKEN: "t0ken" }),
    allowPrivate,
  });
  expect((await forge.look())?.pulls).toEqual([
    {
      number: 7,
      title: "<script>",
      head: { ref: "topic", sha },
      base: { ref: "main", sha },
      fromFork: true,
      by: "dana",
    },
  ]);
  expect(await forge.look()).toBeNull();
  expect(github.requests.at(-1)?.headers["if-none-match"]).toBeDefined();
});

test("an emulated GitHub takes check runs with more than 50 annotations, and releases that change in place", async () => {
  const emulator = await emulatedGitHub();
  onTestFinished(() => emulator.close());
  const api = emulator.url.replace("localhost", "127.0.0.1");
  const asked = async (path: string): Promise<unknown> =>
    (await fetch(`${api}${path}`, { headers: { authorization: "Bearer test_token_admin" } })).json();
  const outgoing = guardedFetch({ allowPrivate: ["127.0.0.1/32"] });
  const asking = githubApi({ api, token: async () => "test_token_admin", outgoing });
  onTestFinished(() => asking.close());
  const tell = (report: ForgeReport, key: string): Promise<ReportReceipt> =>
    tellGitHub({ api: asking, at: "/repos/acme/shop" }, report, null, key);
  const { object } = (await asked("/repos/acme/shop/git/ref/heads/main")) as {
    readonly object: { readonly sha: string };
  };
  const annotations = Array.from({ length: 120 }, (_one, index) => ({
    severity: "error" as const,
    file: "a.ts",
    line: index + 1,
    column: null,
    rule: "r",
    message: `m${index}`,
  }));
  const check = {
    kind: "check-run",
    sha: object.sha,
    name: "lint",
    state: "failure",
    title: "120 errors",
    summary: "120 errors",
    annotations,
    url: null,
  } as const;
  const told = await tell(check, "check lint");
  expect(told).toMatchObject({ outcome: "told" });
  const again = await tell(check, "check lint");
  expect(again).toEqual(told);
  const { check_runs: runs } = (await asked(`/repos/acme/shop/commits/${object.sha}/check-runs`)) as {
    readonly check_runs: readonly { readonly conclusion: string }[];
  };
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(["failure"]);
  const release = { kind: "release", tag: "v1", title: "v1", text: "Notes", prerelease: false } as const;
  expect(await tell(release, "release v1")).toMatchObject({ outcome: "told" });
  expect(await tell({ ...release, text: "More notes" }, "release v1")).toMatchObject({ outcome: "told" });
  const releases = (await asked("/repos/acme/shop/releases")) as readonly { readonly body: string }[];
  expect(releases.map(({ body }) => body)).toEqual(["More notes"]);
});

test("remotes that would run a program or are spoken to in the clear are not asked", async () => {
  const { place, local } = await repositories();
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  for (const [url, code] of [
    ["ext::sh -c touch% pwned", "bad_request"],
    ["--upload-pack=touch pwned", "bad_request"],
    ["http://example.invalid/x.git", "bad_request"],
    [join(place, "nowhere"), "target_unreachable"],
  ] as const) {
    await git(local, "config", "remote.origin.url", url);
    const thrown = await gitForge({ path: local, remote: "origin", every: null })
      .look()
      .then(
        () => undefined,
        (refused: unknown) => refused,
      );
    expect([url, codeOf(thrown)]).toEqual([url, code]);
  }
  const none = await gitForge({ path: local, remote: "upstream", every: null })
    .look()
    .then(
      () => undefined,
      (refused: unknown) => refused,
    );
  expect(codeOf(none)).toBe("not_found");
});

test("a repository tells its main branch, its tags and what came before what", async () => {
  const { place, work } = await repositories();
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  await writeFile(join(work, "a"), "1");
  await git(work, "add", "a");
  await git(work, "commit", "--quiet", "--message", "First\n\nwith more");
  const first = await git(work, "rev-parse", "HEAD");
  await git(work, "tag", "--annotate", "--message", "v1", "v1");
  await git(work, "tag", "light");
  await git(work, "commit", "--quiet", "--allow-empty", "--message", "Second");
  const second = await git(work, "rev-parse", "HEAD");
  await git(work, "push", "--quiet", "origin", "main");
  const history = gitHistory({ path: work, remote: null });
  expect([
    await history.defaultBranch(),
    await history.tip("refs/heads/main"),
    await history.tip("refs/heads/-x"),
    await history.tagsAt(first),
    await history.isAncestor(first, second),
    await history.isAncestor(second, first),
    await history.isAncestor(first, "f".repeat(40)),
    await history.filesIn(first, "nowhere"),
    await history.messageOf(first),
    await gitHistory({ path: work, remote: "origin" }).tip("refs/heads/main"),
  ]).toEqual(["main", second, null, ["light", "v1"], true, false, false, [], "First\n\nwith more", second]);
});
