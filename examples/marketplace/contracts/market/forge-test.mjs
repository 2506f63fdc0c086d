/** Runs Foundry's unit, fuzz and invariant tests; the seed is printed, and `--fuzz-seed` replays one. `node forge-test.mjs` */
import { spawnSync } from "node:child_process";
import { here, tools } from "./compile.mjs";

const { solc, packages } = tools();
const given = process.argv.slice(2);
const seed = given.includes("--fuzz-seed") ? [] : ["--fuzz-seed", process.env.FUZZ_SEED ?? "0x2026"];
const remapping = `@openzeppelin/=${packages}/@openzeppelin/`;
console.log(`fuzz seed: ${seed[1] ?? given[given.indexOf("--fuzz-seed") + 1]}`);
const args = ["test", "--root", here, "--use", solc, "--offline", "--remappings", remapping, ...seed, ...given];
// Where it is started, it keeps the sequences that failed, and begins with them the next time.
process.exitCode = spawnSync("forge", args, { stdio: "inherit", cwd: here }).status ?? 1;
