import { join } from "node:path";
import type { FiringShape } from "@fairway/api";
import type { ProjectConfig } from "@fairway/config";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";
import type { Fairway } from "./support/fairway-under-test.ts";
import { openFairway } from "./support/fairway-under-test.ts";
import type { Files, GitProject } from "./support/git-project.ts";
import { configFile, gitProject } from "./support/git-project.ts";
import { hostileBranches } from "./support/hostile-words.ts";
import { until } from "./support/leak-guard.ts";
import { tinyConfig, tinyService, twoEnvironments } from "./support/tiny-service.ts";

const nightly = ".github/workflows/nightly.yml";
const config: ProjectConfig = {
  name: "story",
  services: { web: tinyConfig() },
  environments: twoEnvironments({ deploys: "on-request" }, { approvals: 1, onlyFrom: { tags: "v*", branch: "main" } }),
  triggers: {
    staging: { on: { push: { branches: "main", pathsIgnore: "docs/**" } }, deploy: "staging" },
    production: { on: { tag: "v*" }, deploy: "production" },
    nightly: {
      on: { schedule: { cron: "0 2 * * *", timezone: "Europe/Berlin" }, manual: true },
      inputs: { suite: { type: "choice", options: ["smoke", "full"] } },
      workflow: nightly,
      environment: "staging",
      with: { suite: { input: "suite" } },
    },
  },
};
const files: Files = {
  "web/server.mjs": tinyService(),
  ...configFile(config),
  [nightly]: `on:
  workflow_dispatch:
    inputs:
      suite: { type: string, required: true }
      environment: { type: string }
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo "suite \${{ inputs.suite }} on \${{ inputs.environment }}"
`,
  ".github/workflows/ci.yml": `on:
  push: { branches: ["**"] }
jobs:
  test: { runs-on: ubuntu-latest, steps: [{ run: "true" }] }
`,
};

let fairway: Fairway;
/** What a person works in, and pushes from. */
let clone: GitProject;

beforeAll(async () => {
  fairway = await openFairway(files);
  await fairway.project.git("config", "receive.denyCurrentBranch", "updateInstead");
  clone = await gitProject(join(fairway.place, "clone"));
  await clone.git("remote", "add", "origin", fairway.project.path);
  await clone.git("pull", "--quiet", "origin", "main");
  const said = await commandLine(fairway.project.path, fairway.data, "hooks", "install");
  if (said.code !== 0) throw new Error(said.err);
});

afterAll(() => fairway?.end());

const fired = (trigger: string): Promise<readonly FiringShape[]> =>
  fairway.client.call("firings", { trigger, limit: "100" });

/** The newest firing of a trigger, once it is decided. */
async function decided(trigger: string, sha: string): Promise<FiringShape> {
  let found: FiringShape | undefined;
  await until(
    async () => {
      found = (await fired(trigger)).find((firing) => firing.sha === sha);
      return found !== undefined && !["pending", "waiting"].includes(found.state);
    },
    `${trigger} is decided about ${sha}`,
    60_000,
  );
  return found as FiringShape;
}

test("a push to main goes to staging, its tag to production once a person says yes, and what is not on main goes nowhere", async () => {
  const first = await clone.commit("Change it", { "web/more.txt": "1\n" });
  await clone.git("push", "--quiet", "origin", "main");
  const push = await decided("staging", first);
  expect([push.state, push.cause, push.run]).toEqual(["started", "push", expect.stringMatching(/^run-\d+$/)]);
  // Before staging has verified it: the tag waits for that.
  await clone.git("tag", "v1");
  await clone.git("push", "--quiet", "origin", "v1");
  expect((await fairway.settled({ id: push.run ?? "" })).state).toBe("succeeded");
  const tag = await decided("production", first);
  expect([tag.state, tag.ref]).toEqual(["started", "refs/tags/v1"]);
  const asking = await fairway.settled({ id: tag.run ?? "" });
  expect(asking).toMatchObject({ state: "waiting", release: "r1", approval: { needed: 1, given: [] } });
  expect(await fairway.replicas("production")).toEqual([]);
  expect((await fairway.approve(asking)).state).toBe("succeeded");
  expect((await fairway.replicas("production")).length).toBeGreaterThan(0);

  await clone.git("checkout", "--quiet", "-b", "side");
  const side = await clone.commit("Aside", { "web/more.txt": "2\n" });
  await clone.git("tag", "v2");
  await clone.git("push", "--quiet", "origin", "side", "v2");
  const refused = await decided("production", side);
  expect([refused.state, refused.why]).toEqual(["declined", "the commit of the tag v2 is not on main"]);
  // By name it does not get there either.
  await fairway.release(side);
  const asked = await commandLine(fairway.project.path, fairway.data, "deploy", "production");
  const plan = await fairway.client.call("plan", { environment: "production", release: "r2" });
  expect([asked.code, plan.obstacles.join()]).toEqual([
    3,
    expect.stringContaining("takes only commits that are on main"),
  ]);
  await clone.git("checkout", "--quiet", "main");
}, 90_000);

test("a push of the workflow file's branches starts it, whatever the branch is called, and nothing runs in a name", async () => {
  await clone.git("checkout", "--quiet", "-b", "words");
  const sha = await clone.commit("$(touch pwned) `touch pwned`", { "web/more.txt": "3\n" });
  for (const branch of hostileBranches) await clone.git("branch", "--force", "--", branch);
  await clone.git("push", "--quiet", "origin", ...hostileBranches.map((branch) => `refs/heads/${branch}`));
  await clone.git("checkout", "--quiet", "main");
  const ofWorkflow = async (): Promise<readonly FiringShape[]> =>
    (await fired(".github/workflows/ci.yml")).filter((firing) => firing.sha === sha);
  await until(
    async () => (await ofWorkflow()).filter(({ state }) => state === "started").length === hostileBranches.length,
    "every branch has its run",
    60_000,
  );
  expect(new Set((await ofWorkflow()).map(({ ref }) => ref))).toEqual(
    new Set(hostileBranches.map((branch) => `refs/heads/${branch}`)),
  );
  for (const { run } of await ofWorkflow()) await fairway.settled({ id: run ?? "" });
  expect(await clone.git("status", "--porcelain")).toBe("");
}, 90_000);

test("a trigger is fired by hand with inputs, and says what is wrong with them", async () => {
  const run = (...words: readonly string[]): ReturnType<typeof commandLine> =>
    commandLine(fairway.project.path, fairway.data, ...words);
  const wrong = await run("trigger", "nightly", "--input", "suite=all");
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('the input "suite" is not one of smoke, full')]);
  const unknown = await run("trigger", "nigthly");
  expect(unknown.err).toContain("there are staging, production, nightly");
  const byHand = await run("trigger", "staging");
  expect(byHand.err).toContain("is not fired by hand");

  const fine = await run("trigger", "nightly", "--input", "suite=full", "--key", "once");
  expect([fine.code, fine.err]).toEqual([0, ""]);
  const again = await run("trigger", "nightly", "--input", "suite=full", "--key", "once", "--json", "--detach");
  const [firing] = await fired("nightly");
  expect((JSON.parse(again.out) as FiringShape).run).toBe(firing?.run);
  expect((await run("logs", "--run", firing?.run ?? "", "--job", "test")).out).toContain("suite full on staging");
  const list = await run("triggers");
  expect(list.out).toMatch(/nightly +0 2 \* \* \* Europe\/Berlin; by hand +runs/);
});

test("a push while the daemon is killed is found when it is back, and starts one run", async () => {
  await fairway.kill("SIGKILL");
  const sha = await clone.commit("While nobody looked", { "web/more.txt": "4\n" });
  await clone.git("push", "--quiet", "origin", "main");
  await fairway.start();
  const firing = await decided("staging", sha);
  expect(firing.state).toBe("started");
  await fairway.settled({ id: firing.run ?? "" });
  // The same told again by the hook is no news.
  const before = await clone.git("rev-parse", `${sha}^`);
  const { news } = await fairway.client.call("tellMoves", {
    moves: [{ ref: "refs/heads/main", before, after: sha }],
    by: "hook",
  });
  const ofCommit = (await fired("staging")).filter((one) => one.sha === sha);
  expect([news, ofCommit.length]).toEqual([0, 1]);
}, 60_000);
