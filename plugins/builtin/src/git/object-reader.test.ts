import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { readObject } from "./object-reader.ts";

const git = (directory: string, ...words: readonly string[]): string =>
  execFileSync("git", ["-C", directory, "-c", "user.name=a", "-c", "user.email=a@b", ...words], { encoding: "utf8" });

const textOf = async (path: string, sha: string, file: string): Promise<string> => {
  const answer = await readObject(path, `${sha}:${file}`);
  return typeof answer === "string" ? answer : answer.text;
};

function repositoryOf(files: Readonly<Record<string, string>>): { readonly path: string; readonly sha: string } {
  const path = mkdtempSync(join(tmpdir(), "fairway-blobs-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return { path, sha: commitOf(path, files) };
}

function commitOf(path: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(path, "folder"), { recursive: true });
  git(path, "init", "--quiet");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  git(path, "add", "--all");
  git(path, "commit", "--quiet", "--message", "Files");
  return git(path, "rev-parse", "HEAD").trim();
}

test("everybody who asks at once gets the file that they asked for", async () => {
  const files: Record<string, string> = {
    empty: "",
    "no end": "one line",
    ends: "two\nlines\n",
    "like an answer": "0123456789012345678901234567890123456789 blob 3\nabc\nx missing\n",
    "folder/ünï cödé": "ü",
    long: "0123456789".repeat(300_000),
  };
  const { path, sha } = repositoryOf(files);
  const names = Array.from({ length: 20 }, () => [...Object.keys(files), "not there"]).flat();
  const answers = await Promise.all(names.map((name) => textOf(path, sha, name)));
  expect(answers).toEqual(names.map((name) => files[name] ?? "missing"));
});

test("a name that would be two questions is asked alone, and spoils no other", async () => {
  const { path, sha } = repositoryOf({ a: "1", b: "2" });
  const names = ["a", "x\na", "x\ra", "b"];
  const answers = await Promise.all(names.map((name) => textOf(path, sha, name)));
  expect(answers).toEqual(["1", "ask alone", "ask alone", "2"]);
});

test("what is no repository, or is not there, is asked alone", async () => {
  const path = mkdtempSync(join(tmpdir(), "fairway-blobs-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const sha = "0".repeat(40);
  expect(await textOf(path, sha, "a")).toBe("ask alone");
  expect(await textOf(join(path, "nowhere"), sha, "a")).toBe("ask alone");
});

test("a repository that is made anew at the same place is another", async () => {
  const { path, sha } = repositoryOf({ a: "old" });
  expect(await textOf(path, sha, "a")).toBe("old");
  renameSync(path, `${path}-before`);
  onTestFinished(() => rmSync(`${path}-before`, { recursive: true }));
  const next = commitOf(path, { a: "new" });
  expect(await textOf(path, next, "a")).toBe("new");
});

test("commits that come while it is being read are found", async () => {
  const { path, sha } = repositoryOf({ a: "1" });
  expect(await textOf(path, sha, "a")).toBe("1");
  const next = commitOf(path, { a: "2" });
  git(path, "gc", "--quiet", "--prune=now");
  expect(await textOf(path, next, "a")).toBe("2");
  expect(await textOf(path, sha, "a")).toBe("1");
});

test("a branch is where it is now, a tag is the commit that it names", async () => {
  const { path, sha } = repositoryOf({ a: "1" });
  git(path, "tag", "--annotate", "v1", "--message", "One");
  git(path, "branch", "side");
  const next = commitOf(path, { a: "2" });
  const named = async (ref: string): Promise<unknown> => {
    const answer = await readObject(path, `${ref}^{commit}`);
    return typeof answer === "string" ? answer : [answer.id, answer.type];
  };
  expect(await named("HEAD")).toEqual([next, "commit"]);
  expect(await named("refs/tags/v1")).toEqual([sha, "commit"]);
  expect(await named("refs/heads/side")).toEqual([sha, "commit"]);
  git(path, "branch", "--force", "side", "HEAD");
  git(path, "pack-refs", "--all");
  expect(await named("refs/heads/side")).toEqual([next, "commit"]);
  git(path, "branch", "--force", "--delete", "side");
  expect(await named("refs/heads/side")).toBe("missing");
});
