import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { buildContext } from "./build-context.ts";

/** What is sent of a folder with these files. */
async function sent(files: Readonly<Record<string, string>>, dockerfile = "Dockerfile"): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "fairway-context-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries({ [dockerfile]: "FROM scratch\n", ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (text.startsWith("→")) symlinkSync(text.slice(1), join(folder, path));
    else writeFileSync(join(folder, path), text);
  }
  const archive = await buffer(await buildContext(folder, dockerfile));
  const names = execFileSync("tar", ["-t"], { input: archive, encoding: "utf8" }).trim().split("\n");
  return names
    .map((name) => name.replace(/\/$/, ""))
    .filter((name) => name !== ".")
    .toSorted();
}

test("all of a folder is sent where nothing is left out, links as links", async () => {
  expect(await sent({ "src/a.mjs": "a", b: "→src/a.mjs" })).toEqual(["Dockerfile", "b", "src", "src/a.mjs"]);
});

test("what .dockerignore leaves out is not sent, at whatever depth", async () => {
  const files = {
    "node_modules/x/y": "y",
    "src/a.log": "log",
    "src/a.mjs": "a",
    ".dockerignore": "node_modules\n**/*.log\n",
  };
  expect(await sent(files)).toEqual([".dockerignore", "Dockerfile", "src", "src/a.mjs"]);
});

test("of all that is left out, what is taken back is sent, and the Dockerfile always", async () => {
  const files = {
    "dist/a": "a",
    "dist/deep/b": "b",
    "test/c": "c",
    "docs/README.md": "d",
    ".dockerignore": "*\n!dist\n!docs/README.md\n",
  };
  expect(await sent(files, "Containerfile")).toEqual(
    [".dockerignore", "Containerfile", "dist", "dist/a", "dist/deep", "dist/deep/b", "docs/README.md"].toSorted(),
  );
});
