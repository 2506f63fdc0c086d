import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatActionLock, readActionLock } from "./action-lock.ts";
import { ActionSource } from "./action-source.ts";

const wanted = { repository: "own/action", ref: "v1" };
let root: string;
let source: ActionSource;

const git = (...args: readonly string[]): string =>
  execFileSync(
    "git",
    ["-c", "user.name=T", "-c", "user.email=t@example.com", "-C", join(root, "server/own/action"), ...args],
    {
      encoding: "utf8",
    },
  ).trim();

function commit(text: string): string {
  writeFileSync(join(root, "server/own/action/action.yml"), text);
  git("add", ".");
  git("commit", "-q", "-m", text);
  return git("rev-parse", "HEAD");
}

let first: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-actions-"));
  mkdirSync(join(root, "server/own/action"), { recursive: true });
  git("init", "-q", "-b", "main", ".");
  first = commit("one");
  git("tag", "v1");
  source = new ActionSource({ folder: join(root, "cache"), server: `file://${join(root, "server")}` });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("an action of another repository", () => {
  it("is fetched at its locked commit, without its history, for everybody to read", async () => {
    const { folder, sha } = await source.files(wanted, await source.lock([wanted]));
    expect(sha).toBe(first);
    expect(readFileSync(join(folder, "action.yml"), "utf8")).toBe("one");
    expect(existsSync(join(folder, ".git"))).toBe(false);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  it("is fetched once, and then needs no server", async () => {
    const lock = await source.lock([wanted]);
    const both = await Promise.all([source.files(wanted, lock), source.files(wanted, lock)]);
    expect(both[0]).toEqual(both[1]);
    renameSync(join(root, "server"), join(root, "gone"));
    expect(await source.files(wanted, lock)).toEqual(both[0]);
  });

  it("whose tag has moved is refused until the lock is renewed", async () => {
    const lock = await source.lock([wanted]);
    const second = commit("two");
    git("tag", "-f", "v1");
    await expect(source.files(wanted, lock)).rejects.toMatchObject({
      code: "not_allowed_now",
      message: `own/action@v1 was moved: the lock has ${first.slice(0, 12)}, and it is ${second.slice(0, 12)} now`,
      hint: expect.stringContaining("fairway workflow lock"),
    });
    const { folder } = await source.files(wanted, await source.lock([wanted]));
    expect(readFileSync(join(folder, "action.yml"), "utf8")).toBe("two");
  });

  it("that is not locked is refused", async () => {
    await expect(source.files(wanted, new Map())).rejects.toMatchObject({
      code: "not_allowed_now",
      message: "the action own/action@v1 is not locked to a commit",
    });
  });

  it("that is named by its commit needs no lock", async () => {
    git("config", "uploadpack.allowAnySHA1InWant", "true");
    const { sha } = await source.files({ ...wanted, ref: first }, new Map());
    expect(sha).toBe(first);
  });

  it("may be a branch, or a tag with a message", async () => {
    git("tag", "-a", "v2", "-m", "two");
    expect(await source.commitOf({ ...wanted, ref: "v2" })).toBe(first);
    expect(await source.commitOf({ ...wanted, ref: "main" })).toBe(first);
    expect(await source.commitOf({ ...wanted, ref: "v" })).toBeUndefined();
    await expect(source.lock([{ ...wanted, ref: "v9" }])).rejects.toMatchObject({ code: "revision_not_found" });
  });

  it("that cannot be reached says so, and what would help", async () => {
    const away = new ActionSource({ folder: join(root, "cache"), server: `file://${join(root, "nowhere")}` });
    await expect(away.files(wanted, new Map([["own/action@v1", first]]))).rejects.toMatchObject({
      code: "checkout_failed",
      retryable: true,
      hint: expect.stringContaining("mirrors"),
    });
    expect(existsSync(join(root, "cache/own/action", first))).toBe(false);
  });

  it.each(["../x", "own/..", "own/action/deep", "-c/x", "own", "own/a b"])(
    "is not looked for under the name %j",
    async (repository) => {
      await expect(source.files({ repository, ref: "v1" }, new Map())).rejects.toMatchObject({ code: "bad_request" });
    },
  );

  it.each(["--upload-pack=x", "a..b", "a b", "a:b", ""])("is not looked for at %j", async (ref) => {
    await expect(source.files({ ...wanted, ref }, new Map())).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("a lock of actions", () => {
  it("is written in order and read again", () => {
    const lock = new Map([
      ["b/b@v1", "b".repeat(40)],
      ["a/a@main", "a".repeat(40)],
    ]);
    const text = formatActionLock(lock);
    expect(text).toContain(`version: 1\nactions:\n  a/a@main: ${"a".repeat(40)}\n  b/b@v1: `);
    expect(readActionLock(text)).toEqual({ lock });
    expect(readActionLock(formatActionLock(new Map()))).toEqual({ lock: new Map() });
  });

  it("tells owners and names apart without regard to case, and refs with", async () => {
    const read = readActionLock(`version: 1\nactions:\n  Own/Action@V1: ${"a".repeat(40)}\n`);
    expect(read).toEqual({ lock: new Map([["own/action@V1", "a".repeat(40)]]) });
  });

  it.each([
    ["no version", "actions: {}", 1],
    ["no mapping", "- x", 1],
    ["no YAML", "version: 1\nactions: [", 2],
    ["a tag for a commit", "version: 1\nactions:\n  own/action@v1: v1", 3],
    ["no action", `version: 1\nactions:\n  nothing: ${"a".repeat(40)}`, 3],
  ])("with %s is refused with its place", (_, text, line) => {
    expect(readActionLock(text)).toMatchObject({
      problems: [{ file: ".github/fairway-actions.lock", place: { line } }],
    });
  });
});
