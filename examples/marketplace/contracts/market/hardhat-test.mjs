/**
 * Compiles with Hardhat and runs its tests, on a chain within its own process. `node hardhat-test.mjs`, `node hardhat-test.mjs
 * compile`
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { here, tools } from "./compile.mjs";

const { packages } = tools();
const own = join(here, "node_modules");
// Hardhat looks for packages in the project alone.
if (!existsSync(own)) await symlink(packages, own);
const program = createRequire(join(own, "x.js")).resolve("hardhat/internal/cli/bootstrap");
const words = process.argv.slice(2);
const args = [program, ...(words.length > 0 ? words : ["test"])];
const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" };
process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit", cwd: here, env }).status ?? 1;
