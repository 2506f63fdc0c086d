import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FiringShape } from "@fairway/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AtGitHub } from "./support/at-github.ts";
import { atGitHub, repository } from "./support/at-github.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairwayOn } from "./support/fairway-under-test.ts";
import { configFile } from "./support/git-project.ts";
import { until } from "./support/leak-guard.ts";
import { stagingOnly, tinyConfig, tinyService } from "./support/tiny-service.ts";

let fairway: Fairway;
let hub: AtGitHub;
// Made up here: a file with one in it would be found by the scanner of this repository.
const key = createHmac("sha256", "made up for this story").update("key").digest("hex");

beforeAll(async () => {
  hub = await atGitHub();
  await hub.work.commit("Begin", {
    "web/server.mjs": tinyService(),
    "cloud/plan.mjs": `import { readFileSync } from "node:fs";
const nodes = readFileSync("nodes", "utf8");
console.log("there will be " + nodes + " nodes");
process.exit(nodes === "2" ? 0 : 3);
`,
    "cloud/nodes": "2",
    ...configFile({
      name: "story",
      services: { web: tinyConfig({ checks: { lint: "node --version" } }) },
      environments: stagingOnly({ deploys: "on-request", url: "https://staging.example.com" }),
      forge: hub.forge,
      infrastructure: {
        cloud: {
          folder: "cloud",
          // Two nodes there are; any other number is something to do.
          program: { plan: "node plan.mjs", apply: "node --version", exitCodes: { nothing: [0], changes: [3] } },
          preventDestroy: false,
        },
      },
      triggers: {
        staging: { on: { push: { branches: "main" } }, deploy: "staging" },
        plans: { on: { pullRequest: { paths: "cloud/**" } }, plan: "staging" },
      },
    }),
  });
  await hub.work.git("push", "--quiet", "origin", "main");
  const project = await hub.clone();
  const secrets = join(hub.place, "data/secrets");
  await writeFile(join(secrets, "production.env"), `PAY_KEY=${key}\n`, { mode: 0o600 });
  fairway = await openFairwayOn(project, hub.place, { allowPrivate: "127.0.0.1" });
});

afterAll(async () => {
  await fairway?.end();
  await hub?.close();
});

const deliver = (id: string, event: string, body: object, by?: string): Promise<number> =>
  hub.deliver(fairway.client, event, body, { id, ...(by === undefined ? {} : { by }) });

const push = (before: string, after: string): object => ({
  ref: "refs/heads/main",
  before,
  after,
  commits: [],
  head_commit: { message: "Change it" },
});

const fired = (): Promise<readonly FiringShape[]> => fairway.client.call("firings", { limit: "100" });

test("a signed push starts one deployment however often it comes, and GitHub is told what became of it", async () => {
  const before = await hub.work.git("rev-parse", "HEAD");
  // The first look remembers what is there, and starts nothing.
  await until(
    async () => hub.github.requests.some(({ path }) => path.includes("/pulls")),
    "GitHub was looked at",
    30_000,
  );
  const after = await hub.work.commit("Change it", { "web/more.txt": "1\n" });
  await hub.work.git("push", "--quiet", "origin", "main");
  // GitHub is away for a moment: that stops nothing.
  hub.github.failNext({ status: 502 }, { status: 502 });
  const body = push(before, after);
  expect(await deliver("d-1", "push", body, "another secret")).toBe(401);
  expect(await deliver("d-1", "push", body)).toBe(202);
  expect(await deliver("d-1", "push", body)).toBe(202);
  expect(await deliver("d-2", "push", body)).toBe(202);
  expect(await deliver("d-1", "push", { ...body, pusher: {} })).toBe(409);
  expect(await deliver("d-3", "pull_request", body)).toBe(400);
  expect(await deliver("d-4", "ping", { zen: "Keep it simple" })).toBe(202);

  await until(async () => (await fired()).some(({ state }) => state === "started"), "it has started", 60_000);
  const firings = await fired();
  expect(firings.map(({ trigger, sha, by }) => [trigger, sha, by])).toEqual([["staging", after, "dana"]]);
  expect((await fairway.settled({ id: firings[0]?.run ?? "" })).state).toBe("succeeded");

  const statuses = (): readonly unknown[] =>
    (hub.github.made["statuses"] ?? []).map(({ context, state, sha }) => [context, state, sha]);
  const deployments = (): readonly unknown[] =>
    (hub.github.made["deployments"] ?? []).map(({ environment, sha, statuses: told }) => [
      environment,
      sha,
      (told as readonly object[] | undefined)?.at(-1),
    ]);
  await until(
    () =>
      JSON.stringify(statuses()).includes(`"fairway/release","success","${after}"`) &&
      JSON.stringify(deployments()).includes('"success"'),
    "GitHub was told of the release and of the deployment",
    60_000,
  );
  expect(deployments()).toEqual([
    ["staging", after, expect.objectContaining({ state: "success", environment_url: "https://staging.example.com" })],
  ]);
}, 120_000);

test("a push that comes late replaces nothing", async () => {
  const old = await hub.work.git("rev-parse", "HEAD~1");
  const older = "0".repeat(40);
  expect(await deliver("d-9", "push", push(older, old))).toBe(202);
  await until(
    async () => (await fired()).some(({ sha, state }) => sha === old && state === "declined"),
    "it is declined",
    30_000,
  );
  const late = (await fired()).find(({ sha }) => sha === old);
  expect(late?.why).toContain("a late push replaces nothing");
}, 60_000);

test("a pull request shows what it would do to the infrastructure, in one comment that changes in place", async () => {
  await hub.work.git("checkout", "--quiet", "-b", "bigger");
  const base = await hub.work.git("rev-parse", "HEAD");
  const comments = (): readonly unknown[] =>
    (hub.github.made["comments"] ?? [])
      .filter(({ body }) => String(body).includes("### Infrastructure"))
      .map(({ issue, body }) => [issue, body]);
  // GitHub takes checks of Apps only, and this project has a token: a status says it instead.
  const plansOf = (commit: string): readonly unknown[] =>
    (hub.github.made["statuses"] ?? [])
      .filter(({ sha, context }) => sha === commit && context === "fairway/infrastructure staging/cloud")
      .map(({ state, description }) => [state, description]);
  const pull = async (action: "opened" | "synchronize", nodes: string, from = repository): Promise<string> => {
    const sha = await hub.work.commit(`Want ${nodes} nodes`, { "cloud/nodes": nodes });
    await hub.work.git("push", "--quiet", "origin", "HEAD:refs/pull/7/head");
    const side = (ref: string, at: string, full_name: string): object => ({ ref, sha: at, repo: { full_name } });
    const body = {
      action,
      number: 7,
      pull_request: {
        state: "open",
        title: "More",
        head: side("bigger", sha, from),
        base: side("main", base, repository),
      },
    };
    expect(await deliver(`pull-${nodes}`, "pull_request", body)).toBe(202);
    return sha;
  };

  const first = await pull("opened", "3");
  const decided = async (): Promise<FiringShape | undefined> =>
    (await fired()).find(({ sha, state }) => sha === first && state !== "pending");
  await until(async () => (await decided()) !== undefined, "the pull request is heard", 60_000);
  const firing = await decided();
  expect(firing).toMatchObject({ trigger: "plans", state: "started" });
  expect((await fairway.settled({ id: firing?.run ?? "" })).state).toBe("succeeded");
  await until(() => plansOf(first).length > 0 && comments().length > 0, "GitHub was told", 60_000);
  expect(comments()).toEqual([["7", expect.stringContaining("there will be 3 nodes")]]);

  const second = await pull("synchronize", "4");
  await until(() => JSON.stringify(comments()).includes("there will be 4 nodes"), "GitHub was told again", 60_000);
  expect([comments().length, plansOf(first)]).toEqual([1, [["success", "something to do"]]]);
  await until(() => plansOf(second).length > 0, "the new commit has its check", 60_000);

  // What a stranger wrote is not run with the secrets of this project.
  const strange = await pull("synchronize", "5", "mallory/shop");
  await until(async () => (await fired()).some(({ sha }) => sha === strange), "it is heard", 60_000);
  await until(
    async () => (await fired()).some(({ sha, state }) => sha === strange && state === "declined"),
    "it is declined",
    60_000,
  );
  expect(plansOf(strange)).toEqual([]);
}, 180_000);

test("what a pull request adds is scanned: a key in any of its commits fails its check, and one of the store is owed an exchange", async () => {
  const scans = (commit: string): readonly unknown[] =>
    (hub.github.made["statuses"] ?? [])
      .filter(({ sha, context, state }) => sha === commit && context === "fairway/secrets" && state !== "pending")
      .map(({ state, description }) => [state, description]);
  await hub.work.git("checkout", "--quiet", "main");
  const before = await hub.work.git("rev-parse", "HEAD");
  // What stood there before is not what a pull request adds.
  const looks = `${"sk_"}live_${key.slice(0, 24)}`;
  const base = await hub.work.commit("Owe something", {
    "ops/people.yaml": "roles:\n  lead:\n    people: [{ name: ada }]\n",
    "ops/credentials.yaml":
      "credentials:\n  pay: { vendor: Pay, kind: key, environments: [production], owner: lead, store: PAY_KEY, rotate: { every: P3M, from: 2026-01-31 } }\n",
    "web/old.txt": `${looks}\n`,
  });
  await hub.work.git("push", "--quiet", "origin", "main");
  expect(await deliver("ops", "push", push(before, base))).toBe(202);
  await until(async () => (await fired()).some(({ sha }) => sha === base), "the push is heard", 60_000);
  await fairway.client.call("readDuties", { by: "ada", ref: base });

  await hub.work.git("checkout", "--quiet", "-b", "keys");
  const pull = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const sha = await hub.work.commit(name, files);
    await hub.work.git("push", "--quiet", "origin", "HEAD:refs/pull/8/head");
    const side = (ref: string, at: string): object => ({ ref, sha: at, repo: { full_name: repository } });
    const body = {
      ...{ action: name === "Begin" ? "opened" : "synchronize", number: 8 },
      pull_request: { state: "open", title: "Keys", head: side("keys", sha), base: side("main", base) },
    };
    expect(await deliver(`keys-${name}`, "pull_request", body)).toBe(202);
    await until(() => scans(sha).length > 0, `the check of ${name}`, 60_000);
    return sha;
  };
  expect(scans(await pull("Begin", { "web/new.txt": "well\n" }))).toEqual([["success", "no key is added"]]);
  const found = "1 that looks like a key: web/new.txt:2";
  expect(scans(await pull("Leak", { "web/new.txt": `well\n"${key}"\n` }))).toEqual([["failure", found]]);
  // It was pushed, and who can read the branch can read it.
  expect(scans(await pull("Hide", { "web/new.txt": "well\n" }))).toEqual([["failure", found]]);
  expect(scans(await pull("Pack", { "web/font.bin": `\0${key}` }))).toEqual([
    ["failure", expect.stringMatching(/^2 that look like a key: /)],
  ]);
  const incidents = await fairway.client.call("incidents", {});
  expect(incidents).toMatchObject([
    { title: expect.stringMatching(/the value of pay@production stands in .*web\/new.txt:2/) },
  ]);
  expect(JSON.stringify([incidents, hub.github.made])).not.toContain(key.slice(0, 12));
}, 180_000);
