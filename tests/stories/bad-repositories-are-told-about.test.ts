import { mkdir, mkdtemp, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairwayOn } from "./support/fairway-under-test.ts";
import type { GitProject } from "./support/git-project.ts";
import { gitProject } from "./support/git-project.ts";
import { refusal } from "./support/refusal.ts";
import { ask } from "./support/requests.ts";
import { tinyService, webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

let fairway: Fairway;
let project: GitProject;

// One folder whose state changes from test to test, under one daemon: nothing that is wrong with it may end the daemon.
beforeAll(async () => {
  const place = await realpath(await mkdtemp(join(tmpdir(), "fairway-story-")));
  project = await gitProject(join(place, "project"));
  await rm(join(project.path, ".git"), { recursive: true });
  fairway = await openFairwayOn(project, place);
});

afterEach(() => fairway.assertHealthy());

afterAll(() => fairway?.end());

const refused = (ref = "HEAD") => refusal(fairway.client.call("makeRelease", { ref, by }));

test("a folder that is no repository is refused by its name", async () => {
  const { code, message, hint } = await refused();
  expect(code).toBe("not_a_repository");
  expect(message).toContain(project.path);
  expect(hint).toContain("git init");
});

test("a repository without a commit has nothing to release", async () => {
  await project.git("init", "--quiet", "--initial-branch", "main");
  const { code, message, hint } = await refused();
  expect(code).toBe("revision_not_found");
  expect(message).toContain("has no commits yet");
  expect(hint).toContain("git commit");
});

test("a commit without a configuration is refused", async () => {
  await project.commit("Only a page", { "README.md": "# Nothing\n" });
  const { code, message, hint, problems } = await refused();
  expect(["config_invalid", "config_not_found"]).toContain(code);
  expect([message, hint, ...problems].join("\n")).toMatch(/fairway\.config\.ts|fairway init/);
});

test("a configuration that is broken in the commit is refused with the places of all problems, whatever the working tree says", async () => {
  const broken = '{\n  "name": "story",\n  "services": { "web": { "rum": "node server.mjs", "replicas": -1 } }\n}\n';
  const sha = await project.commit("Break the configuration", { ...webProject(), "fairway.json": broken });
  await project.write(webProject());
  const { code, message, problems } = await refused(sha);
  expect(code).toBe("config_invalid");
  expect(message).toContain(sha.slice(0, 7));
  expect(problems.join("\n")).toMatch(/fairway\.json:3:\d+.*rum/);
  expect(problems.join("\n")).toMatch(/replicas/);
  expect(await fairway.client.call("runs", {})).toEqual([]);
});

test("changes that are in no commit are refused by the names of their files, unless they are to be ignored", async () => {
  await project.commit("Repair the configuration", webProject({ says: "committed" }));
  await project.write({ "web/server.mjs": tinyService({ says: "not committed" }), "web/new file.mjs": "" });
  const { code, message, hint } = await refused();
  expect(code).toBe("tree_dirty");
  expect(message).toContain("2 files have changes that are in no commit: web/server.mjs, web/new file.mjs");
  expect(hint).toContain("--ignore-uncommitted");

  const run = await fairway.settled(
    await fairway.client.call("makeRelease", { ref: "HEAD", by, uncommitted: "ignore" }),
  );
  assertEnded(await fairway.settled({ id: run.next[0] ?? "" }), "succeeded");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "committed" });
  await project.git("checkout", "--quiet", ".");
  await project.git("clean", "--quiet", "--force");
});

test("a detached head is released, on no branch", async () => {
  await project.git("checkout", "--quiet", "--detach");
  await project.commit("On no branch", webProject({ says: "detached" }));
  assertEnded(await fairway.release(), "succeeded");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "detached" });
  expect((await fairway.client.call("releases", {}))[0]?.revision.ref).toBeNull();
});

test("what a submodule holds becomes part of the release", async () => {
  const module = await gitProject(join(fairway.place, "module"));
  await module.commit("A module", { "words.mjs": 'console.error("from the module");\n' });
  await project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", module.path, "web/module");
  assertEnded(
    await fairway.ship("Use a module", webProject({ says: "module", first: 'await import("./module/words.mjs");' })),
    "succeeded",
  );
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "module" });
});

test("a shallow clone is released, and a commit that it does not have is refused with the way to get it", async () => {
  const whole = join(fairway.place, "whole");
  const older = await project.git("rev-parse", "HEAD~2");
  await project.git("checkout", "--quiet", "-B", "main");
  await rename(project.path, whole);
  await mkdir(project.path);
  await project.git("clone", "--quiet", "--depth", "1", `file://${whole}`, project.path);
  const { code, hint } = await refused(older);
  expect(code).toBe("revision_not_found");
  expect(hint).toContain("git fetch --unshallow");
  await project.git("rm", "--quiet", "web/module");
  assertEnded(await fairway.ship("In a shallow clone", webProject({ says: "shallow" })), "succeeded");
  expect(await ask(fairway, "web.staging.localhost")).toMatchObject({ says: "shallow" });
});
