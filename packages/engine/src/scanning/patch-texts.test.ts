import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patchBlobs, patchTexts } from "./patch-texts.ts";

let root: string;
const git = (...words: readonly string[]): string =>
  execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com", ...words], {
    encoding: "utf8",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
  });
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "fairway-patches-"));
  git("init", "-q", "-b", "main");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, lines: readonly string[]): void =>
  writeFileSync(join(root, name), lines.map((line) => `${line}\n`).join(""));
const commit = (message: string): string => {
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", message);
  return git("rev-parse", "HEAD").trim();
};
const shown = (...words: readonly string[]): string =>
  git("log", "-p", "--cc", "--unified=0", "--full-index", "--no-renames", "--format=%x00commit %H", "--root", ...words);

test("what commits added is told with its file and line, also what was taken away again and what only a merge has", () => {
  write("app.js", ["one", "two", "three"]);
  const first = commit("first");
  write("app.js", ["one", "leaked", "two", "three"]);
  const second = commit("second");
  write("app.js", ["one", "two", "three"]);
  commit("taken away");
  git("checkout", "-q", "-b", "side", first);
  write("app.js", ["one", "two", "three side"]);
  commit("side");
  git("checkout", "-q", "main");
  write("app.js", ["one", "two", "three main"]);
  commit("main");
  expect(() => git("merge", "-q", "side")).toThrow("merge");
  write("app.js", ["one", "two", "only the merge"]);
  const merge = commit("merge");
  const found = [...patchTexts(shown())].map(({ commit: of, path, text, lines }) => [of, path, text, [...lines]]);
  expect(found).toContainEqual([second, "app.js", "leaked", [2]]);
  expect(found).toContainEqual([merge, "app.js", "only the merge", [3]]);
  expect(found).toContainEqual([first, "app.js", "one\ntwo\nthree", [1, 2, 3]]);
});

test("a file that shows no lines is told with its blob: one that is no text, one that the project calls so, and one of a merge", () => {
  const bytes = (name: string, value: number): void => writeFileSync(join(root, name), Buffer.from([0, value]));
  const blobOf = (name: string): string => git("rev-parse", `HEAD:${name}`).trim();
  bytes("a and b.png", 1);
  bytes('odd "ä".bin', 2);
  write(".gitattributes", ["hidden.js -diff"]);
  write("hidden.js", ["leaked"]);
  write("plain.txt", ["Binary files a/x and b/x differ", "index 1..2222222222222222222222222222222222222222"]);
  const first = commit("no lines");
  const told = [
    ["a and b.png", first, blobOf("a and b.png")],
    ["hidden.js", first, blobOf("hidden.js")],
  ];
  const odd = git("rev-parse", 'HEAD:odd "ä".bin').trim();
  git("checkout", "-q", "-b", "other");
  bytes("a and b.png", 3);
  const second = commit("another");
  told.push(["a and b.png", second, blobOf("a and b.png")]);
  git("checkout", "-q", "main");
  bytes("a and b.png", 4);
  const third = commit("a third");
  told.push(["a and b.png", third, blobOf("a and b.png")]);
  expect(() => git("merge", "-q", "other")).toThrow("merge");
  bytes("a and b.png", 5);
  const merge = commit("merged");
  told.push(["a and b.png", merge, blobOf("a and b.png")]);
  git("rm", "-q", "a and b.png");
  commit("gone");
  const found = patchBlobs(shown(`${first}~..HEAD`));
  expect(found.find(({ blob }) => blob === odd)?.commit).toBe(first);
  const others = found.filter(({ blob }) => blob !== odd).map(({ path, commit: of, blob }) => [path, of, blob]);
  expect(new Set(others)).toEqual(new Set(told));
});

test("lines that look like patches are lines, whatever they say", () => {
  const tricky = ["diff --git a/x b/x", "+++ b/other", "@@ -1 +1 @@", "--- a/x", "+x", "-y", "\\ No newline", "x"];
  const at: string[] = [];
  const said: string[] = [];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...tricky), { minLength: 1, maxLength: 12 }), (lines) => {
      const name = `f${at.length}.txt`;
      write(name, lines);
      at.push(name);
      said.push(lines.join("\n"));
    }),
    { numRuns: 40 },
  );
  const of = commit("tricky");
  const found = new Map([...patchTexts(shown("-1", of))].map(({ path, text }) => [path, text]));
  expect(at.map((name) => found.get(name))).toEqual(said);
});
