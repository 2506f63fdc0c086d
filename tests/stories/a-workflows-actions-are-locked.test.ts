import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "./support/command-line.ts";

const run = promisify(execFile);

let place: string;
let project: string;
let first: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "fairway-story-"));
  project = join(place, "project");
  await mkdir(join(project, ".github/workflows"), { recursive: true });
  await run("git", ["init", "--quiet", project]);
  await writeFile(
    join(project, ".github/workflows/ci.yml"),
    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n      - uses: own/outer@v1\n",
  );
  first = await action("outer", "runs: { using: composite, steps: [{ uses: own/inner@v2 }] }\n", "v1");
  await action("inner", "runs: { using: node20, main: index.js }\n", "v2");
});

afterAll(() => rm(place, { recursive: true, force: true }));

const cli = (...words: readonly string[]): ReturnType<typeof commandLine> =>
  commandLine(project, join(place, "data"), "workflow", ...words);

const lock = (...words: readonly string[]): ReturnType<typeof commandLine> =>
  cli("lock", "--server", `file://${place}/server`, ...words);

/** Commits an action to a repository of its own and puts the tag there; the commit. */
async function action(name: string, text: string, tag: string): Promise<string> {
  const folder = join(place, "server/own", name);
  await mkdir(folder, { recursive: true });
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], { cwd: folder })).stdout.trim();
  await git("init", "--quiet", "-b", "main");
  await writeFile(join(folder, "action.yml"), text);
  await git("add", ".");
  await git("commit", "--quiet", "-m", text);
  await git("tag", "--force", tag);
  return git("rev-parse", "HEAD");
}

test("an action that is not locked is rejected, and says what to do", async () => {
  const { code, out } = await cli("check");
  expect(code).toBe(1);
  expect(out).toMatch(
    /REJECTED +jobs\.a\.steps\[1\]\.uses +neither built in nor locked to a commit: fairway workflow lock/u,
  );
});

test("the lock has the commit of every action, also of those that actions use, and none of a built-in one", async () => {
  expect(await lock()).toMatchObject({ code: 0, err: "" });
  const text = await readFile(join(project, ".github/fairway-actions.lock"), "utf8");
  expect(text).toContain(`  own/outer@v1: ${first}\n`);
  expect(text).toMatch(/^ {2}own\/inner@v2: [0-9a-f]{40}$/mu);
  expect(text).not.toContain("checkout");
  expect(await cli("check")).toMatchObject({ code: 0 });
});

test("a tag that was moved changes nothing until the lock is renewed", async () => {
  const moved = await action("outer", "runs: { using: node20, main: index.js }\n", "v1");
  const refused = await lock();
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/own\/outer@v1 was moved/u);
  const { code, out } = await lock("--renew");
  expect(code).toBe(0);
  expect(out).toContain(`own/outer@v1: moved from ${first} to ${moved}`);
  expect(out).toContain("own/inner@v2: used no more");
  expect(out).toContain(".github/fairway-actions.lock: 1 action, 2 changed");
});
