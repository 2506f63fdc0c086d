/**
 * Runs Foundry's unit, fuzz and invariant tests; the seed is printed, and `--fuzz-seed` replays one.
 *
 *     node forge-test.mjs               the tests; with --gas-report also what each function takes
 *     node forge-test.mjs snapshot      what each test takes of gas, into dist/.gas-snapshot, which releases are compared by
 *     node forge-test.mjs coverage      what of the sources the tests reach
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { here, tools } from "./compile.mjs";

const { solc, packages } = tools();
const [first, ...others] = process.argv.slice(2);
const command = first === "snapshot" || first === "coverage" ? first : "test";
const given = command === "test" ? process.argv.slice(2) : others;
const seed = given.includes("--fuzz-seed") ? [] : ["--fuzz-seed", process.env.FUZZ_SEED ?? "0x2026"];
const remapping = `@openzeppelin/=${packages}/@openzeppelin/`;
const into = {
  test: [],
  snapshot: ["--snap", "dist/.gas-snapshot"],
  coverage: ["--report", "summary", "--report", "lcov", "--report-file", "out/coverage.lcov"],
}[command];
mkdirSync(join(here, "dist"), { recursive: true });
console.log(`fuzz seed: ${seed[1] ?? given[given.indexOf("--fuzz-seed") + 1]}`);
const args = [
  command,
  "--root",
  here,
  "--use",
  solc,
  "--offline",
  "--remappings",
  remapping,
  ...seed,
  ...into,
  ...given,
];
// Where it is started, it keeps the sequences that failed, and begins with them the next time.
process.exitCode = spawnSync("forge", args, { stdio: "inherit", cwd: here }).status ?? 1;
