import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "@fairway/api";
import type { Fairway } from "./support/fairway-under-test.ts";
import { by, openFairway } from "./support/fairway-under-test.ts";
import { webProject } from "./support/tiny-service.ts";
import { assertEnded } from "./support/watch-run.ts";

// GitHub's own clients, as an action carries them. They have no entry for `require`, so their place is that of their manifest.
const { resolve } = createRequire(new URL("../../packages/workflow/package.json", import.meta.url));
const client = (name: string): string =>
  join(resolve.paths(name)?.find((folder) => isThere(join(folder, name))) ?? "", name, "lib", `${name.slice(9)}.js`);
function isThere(folder: string): boolean {
  try {
    return dirname(resolve(join(folder, "package.json"))) === folder;
  } catch {
    return false;
  }
}

const action = `name: keep
inputs:
  what: { required: true }
  key: { required: true }
runs: { using: node20, main: main.mjs }
`;
const main = `const { INPUT_WHAT: what, INPUT_KEY: key } = process.env;
const caches = () => import(${JSON.stringify(client("@actions/cache"))});
const openArtifacts = async () => new (await import(${JSON.stringify(client("@actions/artifact"))})).DefaultArtifactClient();
if (what === "save") console.log("saved", (await (await caches()).saveCache(["deps"], key)) > 0);
if (what === "restore") console.log("restored", await (await caches()).restoreCache(["deps"], key, [key.slice(0, 4)]));
if (what === "upload") {
  const artifacts = await openArtifacts();
  console.log("uploaded", (await artifacts.uploadArtifact(key, [process.cwd() + "/deps/file"], process.cwd())).size > 0);
}
if (what === "download") {
  const artifacts = await openArtifacts();
  const { artifact } = await artifacts.getArtifact(key);
  await artifacts.downloadArtifact(artifact.id, { path: process.cwd() + "/got" });
}
`;
const workflow = `on: [push, pull_request]
jobs:
  make:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/keep
        with: { what: restore, key: deps-1 }
      - run: mkdir -p deps && echo made > deps/file
      - uses: ./.github/actions/keep
        with: { what: save, key: deps-1 }
      - uses: ./.github/actions/keep
        with: { what: upload, key: site }
  take:
    needs: make
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/keep
        with: { what: restore, key: deps-2 }
      - uses: ./.github/actions/keep
        with: { what: download, key: site }
      - run: cat got/deps/file; env | grep -E '^(TURB|ACTIONS_RUN)' | sort
`;

let fairway: Fairway;

beforeAll(async () => {
  fairway = await openFairway({
    ...webProject(),
    ".github/actions/keep/action.yml": action,
    ".github/actions/keep/main.mjs": main,
    ".github/workflows/ci.yml": workflow,
  });
});

afterAll(() => fairway?.end());

async function ran(event: { readonly name: string; readonly payload?: Record<string, never> }): Promise<Run> {
  const started = await fairway.client.call("runWorkflow", {
    file: ".github/workflows/ci.yml",
    ref: "main",
    by,
    event,
  });
  if (started.run === null) throw new Error(started.reason);
  return fairway.settled(started.run);
}

async function said(run: Run): Promise<string> {
  const lines: string[] = [];
  for await (const { text } of fairway.client.stream("logs", { run: run.id })) lines.push(text);
  return lines.join("\n");
}

test("what a job saves the next one restores, with GitHub's own clients", async () => {
  const run = await ran({ name: "push" });
  const text = await said(run);
  assertEnded(run, "succeeded");
  expect(text).toContain("restored undefined");
  expect(text).toContain("saved true");
  expect(text).toContain("restored deps-1");
  expect(text).toContain("uploaded true");
  expect(text).toContain(`made\nTURBO_API=${fairway.client.url}\nTURBO_TEAM=fairway\nTURBO_TOKEN=***`);
  expect(text).not.toContain("ACTIONS_RUNTIME_TOKEN=");
});

test("a later run of the branch finds the cache, and none of the artifacts", async () => {
  const text = await said(await ran({ name: "push" }));
  expect(text.match(/restored deps-1/g)).toHaveLength(2);
  expect(text).toContain("already exists");
});
