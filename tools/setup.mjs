// Makes a fresh clone ready to run, before anything is installed: dependencies from the lockfile, then the build. When
// nothing changed it only looks (0.1 s), writes nothing and needs no network. Plain Node, no dependencies.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, isBuilt } from "./setup/build.mjs";
import { SetupProblem, problemOf } from "./setup/problem.mjs";
import { install, isInstalled } from "./setup/install.mjs";
import { withLock } from "./setup/lock.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupProblem(
    `this is Node ${process.versions.node}; Fairway needs 20.19 or newer`,
    "Install it from https://nodejs.org, or with your version manager: nvm install 22",
  );
}

function requireGit() {
  if (spawnSync("git", ["--version"], { stdio: "ignore" }).status === 0) return;
  throw new SetupProblem(
    "git was not found",
    "Install it: apt-get install git, dnf install git, or xcode-select --install",
  );
}

async function setUp() {
  requireNode();
  requireGit();
  if (isInstalled(root) && isBuilt(root)) return;
  await withLock(join(root, ".cache"), async () => {
    // Asked again: whoever held the lock may have done it.
    if (!isInstalled(root)) await install(root);
    if (!isBuilt(root)) await build(root);
  });
}

try {
  await setUp();
} catch (thrown) {
  const { message, hint } = problemOf(thrown);
  process.stderr.write(`setup: ${message}\n${hint === "" ? "" : `${hint}\n`}`);
  process.exitCode = 1;
}
