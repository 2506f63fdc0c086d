import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { authorsOf } from "./authors.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "fairway-authors-")));
  git("init", "--quiet", "--initial-branch", "main");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const git = (...words: readonly string[]): string =>
  execFileSync("git", words, { cwd: root, encoding: "utf8", env: { PATH: process.env["PATH"] } }).trim();

function commit(author: string, message: string): string {
  git(
    "-c",
    "user.name=Committer",
    "-c",
    "user.email=c@example.com",
    "-c",
    "commit.gpgsign=false",
    "commit",
    "--quiet",
    "--allow-empty",
    "--author",
    author,
    "-m",
    message,
  );
  return git("rev-parse", "HEAD");
}

test("everybody who wrote or helped is told once, and nobody from before", async () => {
  const first = commit("Old Hand <old@example.com>", "First");
  commit("Dana <dana@example.com>", "Second\n\nCo-authored-by: Kim Lee <kim@example.com>\nCo-authored-by: no address");
  const last = commit("Dana <Dana@example.com>", "Third");
  expect(await authorsOf(root, first, last)).toEqual([
    { name: "Dana", email: "dana@example.com" },
    { name: "Kim Lee", email: "kim@example.com" },
    { name: "no address", email: "" },
  ]);
});

test("without an earlier commit, or with one that is gone, only the commit itself is asked", async () => {
  commit("Old Hand <old@example.com>", "First");
  const last = commit("Dana <dana@example.com>", "Second");
  const dana = [{ name: "Dana", email: "dana@example.com" }];
  expect(await authorsOf(root, null, last)).toEqual(dana);
  expect(await authorsOf(root, "0".repeat(40), last)).toEqual(dana);
});

test("one person with several addresses is one where a mailmap says so", async () => {
  const first = commit("Old Hand <old@example.com>", "First");
  writeFileSync(join(root, ".mailmap"), "Dana Doe <dana@example.com> <dd@home.example>\n");
  const last = commit("dd <dd@home.example>", "Second");
  expect(await authorsOf(root, first, last)).toEqual([{ name: "Dana Doe", email: "dana@example.com" }]);
});

test("a commit that is not there is said to be so", async () => {
  commit("Dana <dana@example.com>", "First");
  await expect(authorsOf(root, null, "1".repeat(40))).rejects.toMatchObject({ code: "revision_not_found" });
});
