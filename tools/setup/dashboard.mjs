// The pages, bundled once for what they are made of: a change of the daemon does not bundle them again.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesBelow } from "./files-below.mjs";
import { installKey } from "./install.mjs";
import { SetupProblem } from "./problem.mjs";
import { run } from "./steps.mjs";

/** Where the pages are. */
export const dashboard = "apps/dashboard";

/** What a bundle is made of beside the packages that were installed: the pages, and what they import of ours. */
const sources = [`${dashboard}/src`, `${dashboard}/public`, "packages/api/src", "packages/core/src"];
const settings = [`${dashboard}/index.html`, `${dashboard}/vite.config.mjs`, `${dashboard}/package.json`];

/**
 * The files beside sources that the pages are made of, for whoever looks whether anything changed.
 *
 * @param {string} root
 * @returns {readonly string[]}
 */
export function dashboardFiles(root) {
  return [...filesBelow(join(root, dashboard, "public")), ...settings.map((file) => join(root, file))];
}

/** @param {string} root */
export async function buildDashboard(root) {
  if (!existsSync(join(root, dashboard))) return;
  const stamp = join(root, dashboard, "dist/app.stamp");
  const key = keyOf(root);
  if (
    existsSync(join(root, dashboard, "dist/app/index.html")) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === key
  )
    return;
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const { ok, output } = await run(process.execPath, [vite, "build", "--logLevel", "warn", dashboard], root);
  if (!ok) throw new SetupProblem(`the dashboard could not be built\n${output.trimEnd()}`);
  writeFileSync(stamp, key);
}

/**
 * By what the files hold, not when they were written: a checkout of the same commit needs no other bundle. @param {string} root
 */
function keyOf(root) {
  const hash = createHash("sha256").update(installKey(root));
  const files = [
    ...sources.flatMap((folder) => filesBelow(join(root, folder))),
    ...settings.map((file) => join(root, file)),
  ];
  for (const file of files) hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  return hash.digest("hex");
}

if (process.argv[1] === import.meta.filename) await buildDashboard(join(import.meta.dirname, "../.."));
