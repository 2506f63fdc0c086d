import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gitRepository } from "../git-repository.ts";

let root: string;
let work: string;
const git = (...words: readonly string[]): string =>
  execFileSync("git", ["-C", work, "-c", "user.name=a", "-c", "user.email=a@example.com", ...words], {
    encoding: "utf8",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
  }).trim();
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-patches-"));
  work = join(root, "work");
  mkdirSync(work);
  git("init", "-q", "-b", "main");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a file that git shows no lines of is named with the whole hash of what it became, and is put down as it is", async () => {
  const bytes = Buffer.from([0, 255, 254, 13, 10, 0, 7]);
  writeFileSync(join(work, "logo.png"), bytes);
  git("add", "-A");
  git("commit", "-q", "-m", "one");
  const [to, blob] = [git("rev-parse", "HEAD"), git("rev-parse", "HEAD:logo.png")];
  const repository = gitRepository({ path: work });
  const found = await repository.patches?.({ from: null, to, after: null, limit: 9 });
  expect(found?.text).toMatch(new RegExp(`index 0+\\.\\.${blob}`));
  expect(found?.text).toContain("Binary files /dev/null and b/logo.png differ");
  const put = async (most: number, name: string): Promise<readonly string[] | undefined> => {
    mkdirSync(join(root, name));
    return repository.putBlobs?.({ blobs: [blob], directory: join(root, name), most });
  };
  expect(await put(7, "whole")).toEqual([]);
  expect(readFileSync(join(root, "whole", blob))).toEqual(bytes);
  expect(await put(6, "none")).toEqual([blob]);
  expect(() => readFileSync(join(root, "none", blob))).toThrow("ENOENT");
  const gone = "0123456789".repeat(4);
  await expect(repository.putBlobs?.({ blobs: [gone], directory: root, most: 9 })).rejects.toMatchObject({
    code: "revision_not_found",
  });
});
