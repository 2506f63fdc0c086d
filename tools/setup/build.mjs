// The build, left out when no source is newer than the last one. `tsc -b` would find that out too, but takes 0.4 s to.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { SetupProblem } from "./problem.mjs";
import { buildDashboard, dashboard, dashboardFiles } from "./dashboard.mjs";
import { filesBelow } from "./files-below.mjs";
import { installKey } from "./install.mjs";
import { run, step } from "./steps.mjs";

/** @param {string} root */
export function isBuilt(root) {
  const workspaces = workspacesOf(root);
  if (workspaces.some((workspace) => !existsSync(join(root, workspace, builtFileOf(workspace))))) return false;
  if (hasBundle(root) && !existsSync(join(root, "packages/workflow/generated/github.cjs"))) return false;
  if (hasPrograms(root) && !bundles.every((file) => existsSync(join(root, file)))) return false;
  const stamp = stampOf(root);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === buildKey(root, workspaces);
}

/** @param {string} root */
export async function build(root) {
  // Taken before: a file saved while the compiler runs must count as newer.
  const key = buildKey(root, workspacesOf(root));
  await step("building", "built", () => compile(root));
  mkdirSync(dirname(stampOf(root)), { recursive: true });
  writeFileSync(stampOf(root), key);
}

/** @param {string} root */
async function compile(root) {
  // Side by side: the pages are bundled from the sources.
  await Promise.all([compileCode(root), buildDashboard(root)]);
}

/** @param {string} root */
async function compileCode(root) {
  // One checker for each workspace: more of them work out the same types again, each for itself.
  const args = [join(root, "node_modules/typescript/bin/tsc"), "-b", "--checkers", "1"];
  const { ok, output } = await run(process.execPath, args, root);
  if (!ok) throw new SetupProblem(`the build failed\n${output.trimEnd()}`);
  // Loaded only here: they need what was installed.
  if (hasBundle(root)) {
    const { bundleGithub } = await import("../bundle-github.mjs");
    await bundleGithub(root);
  }
  if (hasPrograms(root)) {
    const { bundlePrograms } = await import("../bundle-programs.mjs");
    await bundlePrograms(root, workspacesOf(root));
  }
}

const bundles = ["apps/server/dist/bundled/main.js", "apps/cli/dist/bundled/main.js"];

/** What shows that a workspace is built. @param {string} workspace */
const builtFileOf = (workspace) => (workspace === dashboard ? "dist/app/index.html" : "dist/index.js");

/** @param {string} root */
function hasBundle(root) {
  return existsSync(join(root, "packages/workflow"));
}

/** @param {string} root */
function hasPrograms(root) {
  return existsSync(join(root, "apps/server"));
}

/** @param {string} root */
function stampOf(root) {
  return join(root, ".cache/build-stamp");
}

/**
 * The folders that the root tsconfig.json builds.
 *
 * @param {string} root
 * @returns {readonly string[]}
 */
function workspacesOf(root) {
  const { references } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  return references.map((/** @type {{ path: string }} */ { path }) => path);
}

/**
 * Path, size and time of everything that the build reads.
 *
 * @param {string} root
 * @param {readonly string[]} workspaces
 */
function buildKey(root, workspaces) {
  const hash = createHash("sha256").update(installKey(root));
  const settings = workspaces.flatMap((workspace) => [`${workspace}/package.json`, `${workspace}/tsconfig.json`]);
  const sources = workspaces.flatMap((workspace) => filesBelow(join(root, workspace, "src")));
  const pages = workspaces.includes(dashboard) ? dashboardFiles(root) : [];
  const files = ["tsconfig.json", "tsconfig.base.json", ...settings]
    .map((file) => join(root, file))
    .concat(sources, pages);
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}
