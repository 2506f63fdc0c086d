import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { actionLockFile } from "@fairway/workflow";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LockedActions } from "./locked-actions.ts";

const commit = "0123456789012345678901234567890123456789";
const wanted = { repository: "own/action", ref: "v1" };
let root: string;
let locked: string;
let files: Readonly<Record<string, string>>;
let actions: LockedActions;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-actions-"));
  const server = join(root, "server/own/action");
  mkdirSync(server, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], {
      cwd: server,
      encoding: "utf8",
    });
  git("init", "--quiet");
  writeFileSync(join(server, "action.yml"), "runs: { using: node20, main: index.js }\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "one");
  git("tag", "v1");
  locked = git("rev-parse", "HEAD").trim();
  files = { [actionLockFile]: `version: 1\nactions:\n  own/action@v1: ${locked}\n` };
  const repository = { textOf: (_: unknown, path: string) => Promise.resolve(files[path]) };
  actions = new LockedActions(repository, join(root, "actions"), `file://${join(root, "server")}`);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test("an action is fetched at the commit that the job's commit locks it to, and kept", async () => {
  const { folder, sha } = await actions.files(commit, wanted);
  expect(sha).toBe(locked);
  expect(folder).toBe(join(root, "actions/own/action", locked));
  expect(readFileSync(join(folder, "action.yml"), "utf8")).toContain("node20");
  rmSync(join(root, "server"), { recursive: true });
  expect(await actions.files(commit, wanted)).toEqual({ folder, sha });
});

test("an action that no lock names is refused, with what to do", async () => {
  files = {};
  await expect(actions.files(commit, wanted)).rejects.toMatchObject({
    code: "not_allowed_now",
    hint: expect.stringContaining("fairway workflow lock"),
  });
});

test("a lock that cannot be read is refused with its lines", async () => {
  files = { [actionLockFile]: "version: 1\nactions: { own/action@v1: main }\n" };
  await expect(actions.files(commit, wanted)).rejects.toMatchObject({
    code: "workflow_invalid",
    problems: [expect.stringContaining(`${actionLockFile}:2:`)],
  });
});
