// Dependencies, exactly as the lockfile says. No package's install script runs: Fairway needs none, and they are how a
// hijacked package gets its first foot in.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupProblem, explain } from "./problem.mjs";
import { run, step } from "./steps.mjs";

const npmOptions = [
  ...["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"],
  // With a warm cache no request is made at all; NODE_ENV=production must not leave out the compiler.
  ...["--prefer-offline", "--include=dev", "--include=optional"],
];

/**
 * What the installed tree must be: the lockfile, and the machine whose binaries it holds.
 *
 * @param {string} root
 */
export function installKey(root) {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  return hash.update(`${process.platform} ${process.arch}`).digest("hex");
}

/** @param {string} root */
export function isInstalled(root) {
  return readIfThere(stampOf(root)) === installKey(root);
}

/**
 * Installs from the lockfile, unless somebody's `npm install` has already brought the very same packages.
 *
 * @param {string} root
 */
export async function install(root) {
  const key = installKey(root);
  if (!hasEveryPackage(root)) {
    await step("installing dependencies", "installed dependencies", () => npmCi(root));
  }
  writeFileSync(stampOf(root), key);
}

/** Inside node_modules, so that it goes when they go. @param {string} root */
function stampOf(root) {
  return join(root, "node_modules/.fairway-setup");
}

/** @param {string} root */
async function npmCi(root) {
  // Under `npm start` this is the very npm that was called, whatever PATH says.
  const npm = process.env.npm_execpath;
  const { ok, output } = await (
    npm?.endsWith(".js")
      ? run(process.execPath, [npm, "ci", ...npmOptions], root)
      : run("npm", ["ci", ...npmOptions], root)
  ).catch((thrown) => {
    throw new SetupProblem(`npm could not be started: ${thrown.message}`, "npm comes with Node: https://nodejs.org");
  });
  if (ok) return;
  const code = /^npm error (?:code|errno) (E[A-Z_]+)/mu.exec(output)?.[1];
  const problem = explain(code, "could not install the dependencies");
  if (problem !== undefined) throw problem;
  throw new SetupProblem(`npm ci failed\n${output.trimEnd().split("\n").slice(-20).join("\n")}`);
}

/**
 * Whether npm's own record of what it put into node_modules has every package of the lockfile, in its version.
 *
 * @param {string} root
 */
function hasEveryPackage(root) {
  const record = readIfThere(join(root, "node_modules/.package-lock.json"));
  if (record === undefined) return false;
  const { packages: installed } = JSON.parse(record);
  const { packages: locked } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.entries(locked).every(([path, wanted]) => {
    if (!path.includes("node_modules/")) return true; // The workspaces themselves.
    const found = installed[path];
    if (found === undefined) return wanted.optional === true && !isForThisMachine(wanted);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/**
 * Whether an optional package is the build for this very machine; the rest may be missing. One for a libc is never
 * missed, since npm chooses between the two.
 *
 * @param {{ readonly os?: readonly string[], readonly cpu?: readonly string[], readonly libc?: readonly string[] }} wanted
 */
function isForThisMachine({ os, cpu, libc }) {
  if (os === undefined || cpu === undefined || libc !== undefined) return false;
  return os.includes(process.platform) && cpu.includes(process.arch);
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}
