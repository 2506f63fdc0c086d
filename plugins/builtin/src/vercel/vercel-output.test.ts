import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { vercelOutput } from "./vercel-output.ts";

/** A folder with these files; a text that begins with `->` is a link. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "fairway-output-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (text.startsWith("->")) symlinkSync(text.slice(2), join(root, path));
    else writeFileSync(join(root, path), text);
  }
  return root;
}
const named = (...paths: readonly string[]): string =>
  JSON.stringify({ filePathMap: Object.fromEntries(paths.map((path, at) => [`f${at}.js`, path])) });
const pathsOf = async (directory: string): Promise<readonly string[]> => {
  const output = await vercelOutput(directory);
  return "refused" in output ? [output.refused] : output.files.map(({ path }) => path);
};

test("the artifact is the output itself, what has it as `output`, or what has it where it was built", async () => {
  for (const at of ["", "output/", ".vercel/output/"])
    expect(await pathsOf(folderWith({ [`${at}config.json`]: "{}" }))).toEqual([".vercel/output/config.json"]);
  expect(await pathsOf(folderWith({ "index.html": "" }))).toEqual([expect.stringContaining("has no .vercel/output")]);
});

test("files that functions only name are sent with it, each once, and nothing else of the folder is", async () => {
  const directory = folderWith({
    ".vercel/output/config.json": "{}",
    ".vercel/output/functions/a.func/.vc-config.json": named("app/a.js", "node_modules/next", "app"),
    ".vercel/output/functions/b.func/.vc-config.json": named("app/a.js", ".vercel/output/config.json", "../up.js"),
    ".vercel/output/functions/c.func": "->a.func",
    "app/a.js": "a",
    "app/secret.env": "no",
    "node_modules/next": "->.pnpm/next",
  });
  expect(await pathsOf(directory)).toEqual([
    ".vercel/output/config.json",
    ".vercel/output/functions/a.func/.vc-config.json",
    ".vercel/output/functions/b.func/.vc-config.json",
    ".vercel/output/functions/c.func",
    "app/a.js",
    "node_modules/next",
  ]);
});

test("a function whose files are not in the artifact is refused, with what to do", async () => {
  const functions = { "config.json": "{}", "functions/api/x.func/.vc-config.json": named("lib/x.js", "lib/y.js") };
  expect(await pathsOf(folderWith(functions))).toEqual([
    "has a function api/x.func that needs lib/x.js, which is not in its artifact, and 1 more: build with `vercel build --standalone`, or let `output` be the folder that has both .vercel/output and that file",
  ]);
  // Beside an output that was taken out of its place may lie anything: it is not what the function means.
  expect(await pathsOf(folderWith({ ...functions, "lib/x.js": "", "lib/y.js": "" }))).toEqual([
    expect.stringContaining("that needs lib/x.js"),
  ]);
});

test("a function that cannot be read is refused", async () => {
  const broken = { "config.json": "{}", "functions/x.func/.vc-config.json": "{" };
  expect(await pathsOf(folderWith(broken))).toEqual([
    "has a function x.func whose functions/x.func/.vc-config.json is no JSON: build it again",
  ]);
});
